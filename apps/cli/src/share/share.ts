import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type Command, EXIT, type Io } from "../command.ts";
import { createGatewayAdmin } from "../world/gateway-admin.ts";
import { readWorldFile, type WorldFile } from "../world/world-file.ts";

const READABLE_MS = 60_000;
const bundle = z.object({ total: z.number() });
const institution = z.object({ orgId: z.string() });

export const shareCommand: Command = {
  words: ["share"],
  summary: "let another institution read a patient's chart",
  help: [
    "Usage: caseroom share --world DIR --patient 'SYSTEM|VALUE' --from GW --to GW",
    "",
    "SYSTEM is a URI or an assigning authority of PID-3.4; VALUE alone will do when only one patient has it.",
    "Ends with 0 once the other gateway can read the chart. Later this will take a signed consent.",
    "",
    "Example: caseroom share --world .caseroom --patient 'HGH|H0012345' --from hgh --to kdc",
  ].join("\n"),
  run: async (args, io) => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        world: { type: "string", default: ".caseroom" },
        patient: { type: "string" },
        from: { type: "string" },
        to: { type: "string" },
      },
    });
    const world = readWorldFile(values.world);
    const from = world?.gateways.find((one) => one.id === values.from);
    const to = world?.gateways.find((one) => one.id === values.to);
    if (world === undefined || values.patient === undefined || from === undefined || to === undefined) {
      io.err(
        `caseroom: --patient, --from and --to are needed, and a world at ${values.world}; the gateways are ${world?.gateways.map((one) => one.id).join(", ") ?? "unknown"}`,
      );
      return EXIT.usage;
    }
    return share({ world, folder: values.world, from, to, patient: values.patient }, io);
  },
};

type GatewayEntry = WorldFile["gateways"][number];

async function share(
  input: {
    readonly world: WorldFile;
    readonly folder: string;
    readonly from: GatewayEntry;
    readonly to: GatewayEntry;
    readonly patient: string;
  },
  io: Io,
): Promise<number> {
  const { from, to, patient } = input;
  const bar = patient.lastIndexOf("|");
  const form = {
    ...(bar < 0 ? {} : { system: patient.slice(0, bar) }),
    value: patient.slice(bar + 1),
    toOrgId: orgIdOf(input.folder, to.id),
  };
  const shared = await createGatewayAdmin(from.url, from.token).post("/admin/shares", form);
  if (!shared.ok) {
    const why = {
      NOT_FOUND: "no patient of that gateway has this number",
      PATIENT_MISMATCH: "several patients have this number: name the SYSTEM",
    };
    io.err(`caseroom: ${Reflect.get(why, shared.error.code) ?? `the gateway refused (${shared.error.code})`}`);
    return EXIT.failed;
  }
  const reader = createGatewayAdmin(to.url, to.token);
  const deadline = Date.now() + READABLE_MS;
  while (Date.now() < deadline) {
    const found = await reader.get(`/fhir/Patient?identifier=${encodeURIComponent(patient)}`);
    const result = found.ok ? bundle.safeParse(found.value) : undefined;
    if (result?.success === true && result.data.total > 0) {
      io.out(`${to.name} can read the chart`);
      return EXIT.ok;
    }
    await sleep(200);
  }
  io.err("caseroom: shared, but the other gateway has not opened the chart within a minute; see its log");
  return EXIT.failed;
}

/** The other institution's id at the hub; its gateway publishes it with the web app. */
function orgIdOf(folder: string, id: string): string {
  const file = join(folder, "gateways", id, "institution.json");
  return institution.parse(JSON.parse(readFileSync(file, "utf8"))).orgId;
}
