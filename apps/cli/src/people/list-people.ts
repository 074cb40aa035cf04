import { parseArgs } from "node:util";
import { gatewayPeople } from "@caseroom/contract";
import { type Command, EXIT } from "../command.ts";
import { refuse } from "../refusal.ts";
import { findGateway, GATEWAY_OPTIONS } from "../world/named-gateway.ts";

const STATES = {
  "no-device": "has never signed in",
  waiting: "has a device; nobody vouches for them (caseroom enrol)",
  enrolled: "enrolled",
} as const;

export const peopleCommand: Command = {
  words: ["people"],
  summary: "the staff of an institution, and who of them is enrolled",
  help: [
    "Usage: caseroom people [--world DIR] --gateway GW [--json]",
    "",
    "One line for each: login, name, role, state. --json: one object a line,",
    '  {"login","staffId","name","role","specialty","userId","state":"no-device|waiting|enrolled"}',
    "",
    "Exit codes: 0 done, 1 refused, 2 wrong usage, 3 the gateway cannot be reached.",
    "",
    "Example: caseroom people --gateway chc",
  ].join("\n"),
  run: async (args, io) => {
    const { values } = parseArgs({ args: [...args], options: GATEWAY_OPTIONS });
    const gateway = findGateway(values, io);
    if (gateway === undefined) return EXIT.usage;
    const reply = await gateway.admin.get("/admin/people");
    if (!reply.ok) return refuse(io, reply.error);
    for (const person of gatewayPeople.parse(reply.value).people) {
      const { login, name, role, state } = person;
      io.out(values.json ? JSON.stringify(person) : [login.padEnd(16), name, role, STATES[state]].join("  "));
    }
    return EXIT.ok;
  },
};
