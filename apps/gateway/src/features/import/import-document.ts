import { createHash } from "node:crypto";
import { NumberText, writeJson } from "@caseroom/clinical";
import { type Bytes, err, type Failure, failure, ok, type Result, toBytes } from "@caseroom/contract";
import type postgres from "postgres";
import { storeInbound } from "../inbound/inbound-store.ts";
import { findPatientsByIdentifier, type PatientIdentifier } from "../patients/patient-index.ts";

/** As large as what the FHIR door takes in one body, so that it can be read there again. */
const MAX_DOCUMENT_BYTES = 5_242_880;
/** A PDF may have other bytes before its header (ISO 32000-1 annex H.3). */
const PDF_HEAD_BYTES = 1024;
const MAGIC: readonly (readonly [type: string, magic: readonly number[]])[] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/tiff", [0x49, 0x49, 0x2a, 0x00]],
  ["image/tiff", [0x4d, 0x4d, 0x00, 0x2a]],
  ["application/rtf", [0x7b, 0x5c, 0x72, 0x74, 0x66]],
];

/** Media type of a letter, a scan or a picture by its first bytes; `undefined` for everything else. */
export function documentType(bytes: Bytes): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PDF_HEAD_BYTES));
  if (head.includes("%PDF-", 0, "latin1")) return "application/pdf";
  return MAGIC.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte))?.[0];
}

/** A file as a DocumentReference (FHIR R4 §10.3): nothing of it is understood, all of it is kept. `undefined` when it is no document. */
export function documentFragment(
  name: string,
  bytes: Bytes,
): { readonly resourceType: "DocumentReference"; readonly json: string } | undefined {
  const contentType = documentType(bytes);
  if (contentType === undefined) return undefined;
  const title = name.split("/").at(-1);
  const json = writeJson({
    resourceType: "DocumentReference",
    id: createHash("sha256").update(bytes).digest("hex").slice(0, 40),
    status: "current",
    subject: { type: "Patient", display: "The patient whom the importer named" },
    description: title,
    content: [
      {
        attachment: {
          contentType,
          data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64"),
          size: NumberText.parse(String(bytes.length)),
          hash: createHash("sha1").update(bytes).digest("base64"),
          title,
        },
      },
    ],
  });
  return { resourceType: "DocumentReference", json };
}

/**
 * Takes a document into the chart of the patient whom the importer names. SOURCE_INCOMPLETE without one: a scan does not say whom it is
 * about. NOT_FOUND when nobody here has that number. The same file again changes nothing.
 */
export async function importDocument(
  deps: {
    readonly sql: postgres.Sql;
    readonly nowMs: () => number;
    readonly sender: string;
    readonly onAccepted: () => void;
  },
  {
    name,
    bytes,
    about,
  }: { readonly name: string; readonly bytes: Bytes; readonly about: PatientIdentifier | undefined },
): Promise<Result<undefined, Failure>> {
  if (about === undefined)
    return err(failure("SOURCE_INCOMPLETE", "a document does not say whom it is about: name the patient"));
  if (bytes.length > MAX_DOCUMENT_BYTES) return err(failure("TOO_LARGE", "a document has at most 5 MiB"));
  const fragment = documentFragment(name, bytes);
  if (fragment === undefined) return err(failure("SOURCE_UNSUPPORTED", "no document"));
  const [patient, another] = await findPatientsByIdentifier(deps.sql, about.value, about.system);
  if (patient === undefined || another !== undefined)
    return err(failure("NOT_FOUND", "nobody here has the number that the importer named"));
  const { isNew } = await storeInbound(deps.sql, {
    protocol: "document",
    sender: deps.sender,
    controlId: createHash("sha256").update(bytes).update(patient.id).digest("hex"),
    receivedMs: deps.nowMs(),
    mediaType: documentType(bytes) ?? "application/octet-stream",
    bytes,
    reply: toBytes([]),
    state: "accepted",
    patientId: patient.id,
    fragments: [fragment],
  });
  if (isNew) deps.onAccepted();
  return ok();
}
