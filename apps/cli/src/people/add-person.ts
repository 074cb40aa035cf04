import { parseArgs } from "node:util";
import { type Command, EXIT } from "../command.ts";
import { refuse } from "../refusal.ts";
import { findGateway, GATEWAY_OPTIONS } from "../world/named-gateway.ts";
import { newPassword, newTotpSecret } from "./new-secrets.ts";

export const peopleAddCommand: Command = {
  words: ["people", "add"],
  summary: "register a member of staff, with a new password and one-time-code secret",
  help: [
    "Usage: caseroom people add [--world DIR] --gateway GW --login LOGIN --name NAME --role ROLE",
    "                           [--staff-id ID] [--specialty TEXT] [--json]",
    "",
    "Prints the password and the secret once: they are kept as a hash and at the two servers only. ROLE is attending, intern, nurse,",
    "cardiologist, surgeon, anaesthetist, radiologist, emergency physician, technologist … ID is LOGIN unless given.",
    '--json: {"login","password","totpSecret","otpauth"}',
    "",
    "Exit codes: 0 done, 1 refused, 2 wrong usage, 3 the gateway cannot be reached.",
    "",
    "Example: caseroom people add --gateway chc --login chow --name 'Dr Chow Pui Yee' --role cardiologist",
  ].join("\n"),
  run: async (args, io) => {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      args: [...args],
      options: { ...GATEWAY_OPTIONS, login: text, name: text, role: text, "staff-id": text, specialty: text },
    });
    const gateway = findGateway(values, io);
    const { login, name, role, specialty } = values;
    if (gateway === undefined) return EXIT.usage;
    if (login === undefined || name === undefined || role === undefined) {
      io.err("caseroom: --login, --name and --role are needed");
      return EXIT.usage;
    }
    const secrets = { password: newPassword(), totpSecret: newTotpSecret() };
    const form = { ...secrets, login, name, role, staffId: values["staff-id"] ?? login };
    const added = await gateway.admin.post("/admin/staff", specialty === undefined ? form : { ...form, specialty });
    if (!added.ok)
      return refuse(io, added.error, {
        NAME_TAKEN: "somebody has this login already, here or at another institution",
        BAD_REQUEST: "a login is lower-case letters, digits, dots and hyphens, two at least; a role is needed",
      });
    const otpauth = `otpauth://totp/Caseroom:${login}?secret=${secrets.totpSecret}&issuer=Caseroom`;
    if (values.json) io.out(JSON.stringify({ login, ...secrets, otpauth }));
    else io.out(`login     ${login}\npassword  ${secrets.password}\none-time  ${otpauth}`);
    return EXIT.ok;
  },
};
