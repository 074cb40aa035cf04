import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";
import {
  IMPORT_NAME_HEADER,
  IMPORT_PATIENT_HEADER,
  type ImportLine,
  importLine,
  MAX_IMPORT_BYTES,
  parseJson,
} from "@caseroom/contract";
import { zipSync } from "fflate";
import { type Command, EXIT, type Io } from "../command.ts";
import { readWorldFile } from "../world/world-file.ts";
import { type ImportUnit, listUnits, nameInZip } from "./list-files.ts";

type Target = { readonly url: string; readonly token: string; readonly patient: string | undefined };

export const importCommand: Command = {
  words: ["import"],
  summary:
    "take files into an institution's records: FHIR, bulk exports, C-CDA, HL7 v2, DICOM, zips and folders of them",
  help: [
    "Usage: caseroom import --world DIR --gateway GW [--patient SYSTEM|VALUE] PATH…",
    "",
    "Takes FHIR JSON, ndjson of a bulk export, C-CDA documents and parts of them, files of HL7 v2 messages, DICOM files, folders",
    "(also of a CD with a DICOMDIR) and zips. Patients are known by who issued a number and the number; a different birth date or sex is put aside for a person to",
    "look at. --patient says whom scans and PDFs are about, C-CDA files of another institution, and parts of them that do not say it.",
    "",
    "Prints one line of JSON for each file:",
    '  {"file","status":"read|refused|quarantined","format","reason","patient","counts":{"Observation":n,…}}',
    "and progress on a terminal. Importing a file again changes nothing.",
    "",
    "Exit codes: 0 every file was read or knowingly refused, 1 a file could not be sent, 2 wrong usage.",
    "",
    "Example: caseroom import --world .caseroom --gateway hgh ~/cd-from-patient export.zip",
  ].join("\n"),
  run: async (args, io) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        world: { type: "string", default: ".caseroom" },
        gateway: { type: "string" },
        patient: { type: "string" },
      },
      allowPositionals: true,
    });
    const world = readWorldFile(values.world);
    const gateway = world?.gateways.find((one) => one.id === values.gateway);
    if (gateway === undefined || positionals.length === 0) {
      io.err(
        `caseroom: --gateway and at least one PATH are needed, and a world at ${values.world}; the gateways are ${world?.gateways.map((one) => one.id).join(", ") ?? "unknown"}`,
      );
      return EXIT.usage;
    }
    const { units, missing } = listUnits(positionals);
    for (const path of missing) io.err(`caseroom: there is no ${path}`);
    if (missing.length > 0) return EXIT.usage;
    return importUnits(units, { url: gateway.url, token: gateway.token, patient: values.patient }, io);
  },
};

async function importUnits(units: readonly ImportUnit[], target: Target, io: Io): Promise<number> {
  const total = units.reduce((sum, { files }) => sum + files.length, 0);
  const counts = { read: 0, refused: 0, quarantined: 0 };
  let unsent = 0;
  let done = 0;
  for (const unit of units) {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total}  ${unit.name.slice(-60)}\u001B[K`);
    const lines = await sendUnit(unit, target);
    if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
    if (typeof lines === "string") {
      unsent += 1;
      io.err(`caseroom: ${unit.name}: ${lines}`);
    } else {
      for (const line of lines) {
        counts[line.status] += 1;
        io.out(JSON.stringify(line));
      }
    }
    done += unit.files.length;
  }
  if (process.stderr.isTTY)
    io.err(`${counts.read} read, ${counts.refused} refused, ${counts.quarantined} put aside, ${unsent} not sent`);
  return unsent === 0 ? EXIT.ok : EXIT.failed;
}

/** The lines about one unit, or why it could not be sent. */
async function sendUnit(unit: ImportUnit, { url, token, patient }: Target): Promise<readonly ImportLine[] | string> {
  const size = unit.files.reduce((sum, file) => sum + statSync(file).size, 0);
  if (size > MAX_IMPORT_BYTES) return "larger than 1 GiB: take it apart";
  const [only] = unit.files;
  const isOne = unit.files.length === 1 && only !== undefined;
  const name = isOne ? basename(only) : basename(unit.name);
  try {
    const response = await fetch(new URL("/admin/import", url), {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/octet-stream",
        [IMPORT_NAME_HEADER]: encodeURIComponent(name),
        ...(patient === undefined ? {} : { [IMPORT_PATIENT_HEADER]: encodeURIComponent(patient) }),
      },
      body: isOne ? readFileSync(only) : zipTogether(unit.files),
    });
    const text = await response.text();
    if (!response.ok) return `the gateway refused it (${response.status})`;
    // As the caller knows the files: by their paths.
    return readLines(text).map((line) => ({
      ...line,
      file: isOne ? line.file.replace(name, only) : pathOf(unit, line),
    }));
  } catch {
    return "the gateway cannot be reached";
  }
}

function zipTogether(files: readonly string[]): Uint8Array<ArrayBuffer> {
  const entries = Object.fromEntries(files.map((file) => [nameInZip(file), new Uint8Array(readFileSync(file))]));
  return new Uint8Array(zipSync(entries, { level: 0 }));
}

function pathOf(unit: ImportUnit, { file }: ImportLine): string {
  return unit.files.find((path) => file.endsWith(`/${nameInZip(path)}`)) ?? file;
}

function readLines(text: string): readonly ImportLine[] {
  return text.split("\n").flatMap((line) => {
    const parsed = parseJson(line);
    const typed = parsed.ok ? importLine.safeParse(parsed.value) : undefined;
    return typed?.success === true ? [typed.data] : [];
  });
}
