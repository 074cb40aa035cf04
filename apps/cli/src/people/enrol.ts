import { parseArgs } from "node:util";
import { type Command, EXIT } from "../command.ts";
import { refuse } from "../refusal.ts";
import { findGateway, GATEWAY_OPTIONS } from "../world/named-gateway.ts";

export const enrolCommand: Command = {
  words: ["enrol"],
  summary: "vouch for a member of staff whose first device waits, or who has come back",
  help: [
    "Usage: caseroom enrol [--world DIR] --gateway GW LOGIN",
    "",
    "The institution's signed word of who this person is: name, role and staff number, as they were registered. Only with it are they let",
    "into cases. Where CASEROOM_GATEWAY_ENROL is auto it is given at the first sign-in; with officer, it is given by this command.",
    "Make sure that it is they who signed in.",
    "",
    "Exit codes: 0 enrolled, 1 refused, 2 wrong usage, 3 the gateway cannot be reached.",
    "",
    "Example: caseroom enrol --gateway chc chow",
  ].join("\n"),
  run: async (args, io) => {
    const { values, positionals } = parseArgs({ args: [...args], options: GATEWAY_OPTIONS, allowPositionals: true });
    const gateway = findGateway(values, io);
    const [login] = positionals;
    if (gateway === undefined) return EXIT.usage;
    if (login === undefined || positionals.length > 1) {
      io.err("caseroom: one LOGIN is needed; caseroom people lists them");
      return EXIT.usage;
    }
    const done = await gateway.admin.post("/admin/credentials", { login });
    if (!done.ok)
      return refuse(io, done.error, {
        NOT_FOUND: "nobody has this login here; caseroom people lists them",
        DEVICE_NOT_ENROLLED: "they have not signed in yet: there is no device to vouch for",
      });
    io.out(values.json ? JSON.stringify({ login, state: "enrolled" }) : `${login} is enrolled`);
    return EXIT.ok;
  },
};
