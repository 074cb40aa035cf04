import { type Bytes, bytesToUtf8, type Failure, failure, type ImportLine, ok, type Result } from "@caseroom/contract";
import { type FhirText, readFhir } from "@caseroom/fhir";
import type { PatientIdentifier } from "../patients/patient-index.ts";
import type { ImportedHl7 } from "./import-hl7.ts";
import { groupByPatient, type PatientGroup } from "./patient-groups.ts";
import { readZip } from "./read-zip.ts";
import { type ImportFormat, sniffFormat } from "./sniff-format.ts";

/** Where what is read goes. Each answers when it is durable: a line says `read` only of what cannot be lost any more. */
export type ImportDoors = {
  /** A Bundle of one patient, as text; answers SYSTEM|VALUE of the patient. */
  readonly fhir: (bundle: string) => Promise<Result<{ readonly patient: string }, Failure>>;
  readonly dicom: (bytes: Bytes) => Promise<Result<{ readonly patient: string; readonly isNew: boolean }, Kept>>;
  /** A C-CDA document or a part of one, of the patient whom it names or whom the importer names. */
  readonly ccda: (
    bytes: Bytes,
    about: PatientIdentifier | undefined,
  ) => Promise<
    Result<
      {
        readonly patient: string;
        readonly fragments: readonly { readonly resourceType: string }[];
        readonly skipped: number;
      },
      Kept
    >
  >;
  /** A letter, a scan or a picture, of the patient whom the importer names. */
  readonly document: (
    name: string,
    bytes: Bytes,
    about: PatientIdentifier | undefined,
  ) => Promise<Result<undefined, Failure>>;
  /** One or several HL7 v2 messages; those that are not taken are kept. */
  readonly hl7v2: (bytes: Bytes) => Promise<ImportedHl7>;
};

type Kept = Failure & { readonly isKept: boolean };

/** `about` is the patient whom the importer named, if any. */
export type Upload = { readonly name: string; readonly bytes: Bytes; readonly about?: PatientIdentifier };

/** Below the limit of one bundle: a patient with more comes in several, each with the Patient in it. */
const MAX_BUNDLE_CHARS = 4_000_000;

/** Takes in one file, or each file of a zip; one line for each, in their order. */
export async function* importUpload(doors: ImportDoors, upload: Upload): AsyncGenerator<ImportLine> {
  const format = sniffFormat(upload.name, upload.bytes);
  if (format === "zip") yield* importZip(doors, upload);
  else if (format === "fhir-ndjson" && upload.about !== undefined) yield namesItsOwn(upload, format);
  else if (format === "fhir-ndjson") yield* importLines(doors, [upload]);
  else yield await importOne(doors, upload, format);
}

async function* importZip(doors: ImportDoors, upload: Upload): AsyncGenerator<ImportLine> {
  const zip = readZip(upload.bytes);
  if (!zip.ok) {
    yield refused(upload.name, "zip", zip.error);
    return;
  }
  /** The files of a bulk export belong together: a patient and the results are in different files. */
  const lines: Upload[] = [];
  for (const { name, read } of zip.value) {
    const bytes = read();
    const file = `${upload.name}/${name}`;
    if (!bytes.ok) {
      yield refused(file, "unknown", bytes.error);
      continue;
    }
    const inner = { ...upload, name: file, bytes: bytes.value };
    const format = sniffFormat(name, bytes.value);
    if (format === "fhir-ndjson" && upload.about === undefined) lines.push(inner);
    else if (format === "zip") yield refused(file, "zip", failure("SOURCE_UNSUPPORTED", "a zip within a zip"));
    else yield await importOne(doors, inner, format);
  }
  yield* importLines(doors, lines);
}

async function importOne(doors: ImportDoors, file: Upload, format: ImportFormat): Promise<ImportLine> {
  if (file.about !== undefined && format !== "ccda" && format !== "document") return namesItsOwn(file, format);
  switch (format) {
    case "document":
      return importDocument(doors, file);
    case "ccda":
      return importCcda(doors, file);
    case "hl7v2":
      return importMessages(doors, file);
    case "dicom":
      return importDicom(doors, file);
    case "dicomdir":
      return {
        file: file.name,
        status: "read",
        format,
        reason: "the list of a medium; its files are read themselves",
        counts: {},
      };
    case "fhir-json":
      return importFhirText(doors, file);
    case "fhir-xml":
      return refused(file.name, format, failure("SOURCE_UNSUPPORTED", "FHIR is taken as JSON"));
    default:
      return refused(file.name, "unknown", failure("SOURCE_UNSUPPORTED", "no format that is taken"));
  }
}

/** Rather refused than filed under whom the file itself names, against the importer's word. */
function namesItsOwn({ name }: Upload, format: ImportFormat): ImportLine {
  return refused(
    name,
    format,
    failure("SOURCE_UNSUPPORTED", "only for a C-CDA file or a document may the patient be named"),
  );
}

async function importCcda(doors: ImportDoors, { name, bytes, about }: Upload): Promise<ImportLine> {
  const imported = await doors.ccda(bytes, about);
  if (!imported.ok) return putAside(name, "ccda", imported.error);
  const { patient, fragments, skipped } = imported.value;
  return {
    file: name,
    status: "read",
    format: "ccda",
    ...(skipped === 0 ? {} : { reason: `${skipped} statements are in the original only` }),
    patient,
    counts: countTypes(fragments),
  };
}

async function importDocument(doors: ImportDoors, { name, bytes, about }: Upload): Promise<ImportLine> {
  const imported = await doors.document(name, bytes, about);
  if (!imported.ok) return refused(name, "document", imported.error);
  const patient = about === undefined ? {} : { patient: `${about.system}|${about.value}` };
  return { file: name, status: "read", format: "document", ...patient, counts: { DocumentReference: 1 } };
}

/** A line for a file of messages: they are counted together, and what was not taken of them is said. */
async function importMessages(doors: ImportDoors, { name, bytes }: Upload): Promise<ImportLine> {
  const { fragments, messages, announced, asideBy, patient } = await doors.hl7v2(bytes);
  const [first] = asideBy;
  const reasons = [
    ...(first === undefined
      ? []
      : [
          `${asideBy.length} of ${messages} messages: ${[first.code, first.place].filter((part) => part !== "").join(" ")}`,
        ]),
    ...(announced === undefined || announced === messages
      ? []
      : [`the batch announces ${announced} and holds ${messages}`]),
  ];
  return {
    file: name,
    status: asideBy.length < messages ? "read" : first?.code === "DUPLICATE" ? "refused" : "quarantined",
    format: "hl7v2",
    ...(first === undefined ? {} : { code: first.code }),
    ...(reasons.length === 0 ? {} : { reason: reasons.join("; ") }),
    ...(patient === undefined ? {} : { patient: `${patient.system}|${patient.value}` }),
    counts: countTypes(fragments),
  };
}

async function importDicom(doors: ImportDoors, { name, bytes }: Upload): Promise<ImportLine> {
  const received = await doors.dicom(bytes);
  if (!received.ok) return putAside(name, "dicom", received.error);
  return {
    file: name,
    status: "read",
    format: "dicom",
    patient: received.value.patient,
    counts: { ImagingStudy: 1 },
  };
}

async function importFhirText(doors: ImportDoors, { name, bytes }: Upload): Promise<ImportLine> {
  const text = bytesToUtf8(bytes);
  const read =
    text === undefined
      ? { ok: false as const, error: failure("SOURCE_UNREADABLE", "the text is not UTF-8") }
      : readFhir(text);
  if (!read.ok) return refused(name, "fhir-json", read.error);
  const taken = await takeIn(doors, read.value);
  return { file: name, format: "fhir-json", ...taken };
}

/** Bulk export: all files together, since the resources of a patient are spread over them; a line for each file. */
async function* importLines(doors: ImportDoors, files: readonly Upload[]): AsyncGenerator<ImportLine> {
  const all: FhirText[] = [];
  const read = files.map((file) => {
    const resources = readLines(file.bytes);
    if (resources.ok) all.push(...resources.value);
    return { name: file.name, resources };
  });
  const taken = all.length === 0 ? undefined : await takeIn(doors, all);
  for (const { name, resources } of read) {
    if (!resources.ok || taken === undefined)
      yield refused(name, "fhir-ndjson", resources.ok ? failure("SOURCE_INCOMPLETE", "no resources") : resources.error);
    else yield { ...taken, file: name, format: "fhir-ndjson", counts: countTypes(resources.value) };
  }
}

function readLines(bytes: Bytes): Result<readonly FhirText[], Failure> {
  const text = bytesToUtf8(bytes);
  if (text === undefined) return { ok: false, error: failure("SOURCE_UNREADABLE", "the text is not UTF-8") };
  const resources: FhirText[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const read = readFhir(line);
    if (!read.ok) return { ok: false, error: failure(read.error.code, `line ${i + 1}: ${read.error.detail ?? ""}`) };
    resources.push(...read.value);
  }
  return ok(resources);
}

/** Every patient's part into the doors; what is refused of one patient does not stop the others. */
async function takeIn(
  doors: ImportDoors,
  resources: readonly FhirText[],
): Promise<Pick<ImportLine, "status" | "code" | "reason" | "patient" | "counts">> {
  const { groups, unattached } = groupByPatient(resources);
  if (groups.length === 0)
    return { status: "refused", code: "SOURCE_INCOMPLETE", reason: "SOURCE_INCOMPLETE: no Patient in it", counts: {} };
  const taken: FhirText[] = [];
  const problems: Failure[] = [];
  let patient: string | undefined;
  for (const group of groups) {
    const done = await takeGroup(doors, group);
    if (done.ok) taken.push(group.patient, ...group.resources);
    else problems.push(done.error);
    if (done.ok) patient ??= done.value.patient;
  }
  const [problem] = problems;
  const reasons = [
    ...(problem === undefined ? [] : [`${problems.length} of ${groups.length} patients: ${wordsOf(problem)}`]),
    ...(unattached.length === 0 ? [] : [`${unattached.length} resources of nobody who is in it were left out`]),
  ];
  return {
    status: taken.length > 0 ? "read" : problem?.code === "PATIENT_MISMATCH" ? "quarantined" : "refused",
    ...(problem === undefined ? {} : { code: problem.code }),
    ...(reasons.length === 0 ? {} : { reason: reasons.join("; ") }),
    ...(patient === undefined || groups.length > 1 ? {} : { patient }),
    counts: countTypes(taken),
  };
}

async function takeGroup(doors: ImportDoors, { patient, resources }: PatientGroup): ReturnType<ImportDoors["fhir"]> {
  let last: Awaited<ReturnType<ImportDoors["fhir"]>> = { ok: false, error: failure("SOURCE_INCOMPLETE") };
  for (const part of splitBySize(resources, MAX_BUNDLE_CHARS)) {
    last = await doors.fhir(bundleOf([patient, ...part]));
    if (!last.ok) return last;
  }
  return last;
}

/** Always one part at least: a patient of whom nothing else is known is a patient. */
function splitBySize(resources: readonly FhirText[], limit: number): readonly (readonly FhirText[])[] {
  const parts: FhirText[][] = [[]];
  let size = 0;
  for (const resource of resources) {
    if (size + resource.json.length > limit && size > 0) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(resource);
    size += resource.json.length;
  }
  return parts;
}

/** Put together of the texts as they came: nothing is written anew. */
function bundleOf(resources: readonly FhirText[]): string {
  const entries = resources.map(({ json }) => `{"resource":${json}}`);
  return `{"resourceType":"Bundle","type":"collection","entry":[${entries.join(",")}]}`;
}

function countTypes(resources: readonly { readonly resourceType: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { resourceType } of resources) counts[resourceType] = (counts[resourceType] ?? 0) + 1;
  return counts;
}

function refused(file: string, format: string, problem: Failure): ImportLine {
  return { file, status: "refused", format, code: problem.code, reason: wordsOf(problem), counts: {} };
}

function putAside(file: string, format: string, problem: Kept): ImportLine {
  return { ...refused(file, format, problem), status: problem.isKept ? "quarantined" : "refused" };
}

function wordsOf({ code, detail }: Failure): string {
  return detail === undefined || detail === "" ? code : `${code}: ${detail}`;
}
