import { statfsSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Command, EXIT } from "../command.ts";
import { worldFolder } from "../world/named-gateway.ts";
import { readWorldFile } from "../world/world-file.ts";
import { type Finding, fine, wrong } from "./findings.ts";
import { lookAtGateway } from "./look-at-gateway.ts";
import { lookAtHub } from "./look-at-hub.ts";

const LOW_DISK_BYTES = 2 * 2 ** 30;

export const doctorCommand: Command = {
  words: ["doctor"],
  summary: "look at a deployment, and say what to do about what is wrong",
  help: [
    "Usage: caseroom doctor [--world DIR | --hub URL] [--json]",
    "",
    "Looks at the hub (does it answer, its clock, its consortium, the signatures and the age of its log) and, in a world, at each gateway",
    "(database, address of the hub, what waits to be delivered, web app, HL7 and DICOM ports) and at the disk. Changes nothing.",
    '--json: one object a line, {"about","isFine","what","remedy"}',
    "",
    "Exit codes: 0 all is well, 1 something is wrong, 2 wrong usage.",
    "",
    "Example: caseroom doctor --hub https://hub.example",
  ].join("\n"),
  run: async (args, io) => {
    const text = { type: "string" } as const;
    const options = { world: text, hub: text, json: { type: "boolean", default: false } } as const;
    const { values } = parseArgs({ args: [...args], options });
    const folder = worldFolder(values, io);
    const world = values.hub === undefined ? readWorldFile(folder) : undefined;
    const hub = values.hub ?? world?.hub.url;
    if (hub === undefined || !URL.canParse(hub)) {
      io.err(
        `caseroom: there is no world.json in ${folder}; start one (npm start), name it with --world, or a hub with --hub`,
      );
      return EXIT.usage;
    }
    const findings = [
      ...(world === undefined ? [] : [lookAtDisk(folder)]),
      ...(await lookAtHub(hub, () => Date.now())),
      ...(await Promise.all((world?.gateways ?? []).map((one) => lookAtGateway(one, hub)))).flat(),
    ];
    for (const finding of findings) io.out(values.json ? JSON.stringify(finding) : line(finding));
    return findings.every(({ isFine }) => isFine) ? EXIT.ok : EXIT.failed;
  },
};

function line({ about, isFine, what, remedy }: Finding): string {
  return `${isFine ? "✓" : "✗"} ${about}: ${what}${remedy === undefined ? "" : `\n  → ${remedy}`}`;
}

function lookAtDisk(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = `${((bavail * bsize) / 2 ** 30).toFixed(1)} GiB free`;
  return bavail * bsize > LOW_DISK_BYTES
    ? fine(`disk of ${folder}`, free)
    : wrong(`disk of ${folder}`, free, "make room: a gateway that cannot write acknowledges nothing");
}
