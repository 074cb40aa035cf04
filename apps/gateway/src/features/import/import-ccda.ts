import { createHash } from "node:crypto";
import { type CcdaReading, readCcda } from "@caseroom/ccda";
import { type Bytes, err, type Failure, failure, ok, type Result, toBytes } from "@caseroom/contract";
import type postgres from "postgres";
import { type Inbound, storeInbound } from "../inbound/inbound-store.ts";
import {
  findPatientsByIdentifier,
  matchPatient,
  type PatientClaim,
  type PatientIdentifier,
} from "../patients/patient-index.ts";

export type ImportedCcda = {
  readonly patientId: string;
  readonly fragments: readonly { readonly resourceType: string }[];
  /** Statements that stand in the original and in no resource. */
  readonly skipped: number;
};

type Kept = Failure & { readonly isKept: boolean };

const MEDIA_TYPE = "application/xml";

/**
 * Takes a C-CDA document or a bare part of one into a patient's chart: durable when it resolves, sealed after. `about` is a patient whom
 * the importer names; whom the document names is checked against that. What is no clinical document is refused; a clinical one that cannot
 * be used is kept for a person to look at. The same file again changes nothing.
 */
export async function importCcda(
  deps: {
    readonly sql: postgres.Sql;
    readonly nowMs: () => number;
    readonly sender: string;
    readonly onAccepted: () => void;
  },
  bytes: Bytes,
  about?: PatientIdentifier,
): Promise<Result<ImportedCcda, Kept>> {
  const key = {
    protocol: "ccda" as const,
    sender: deps.sender,
    controlId: controlIdOf(bytes, about),
    receivedMs: deps.nowMs(),
    mediaType: MEDIA_TYPE,
    bytes,
    reply: toBytes([]),
  };
  const keep = async (problem: Failure, place: string): Promise<Result<never, Kept>> => {
    // Under a name of its own: what is put aside today may be taken in when the record has been put right.
    const controlId = `aside-${key.controlId}`;
    await storeInbound(deps.sql, { ...key, controlId, state: "quarantined", code: problem.code, place });
    return err({ ...problem, isKept: true });
  };
  if (about !== undefined && (await findPatientsByIdentifier(deps.sql, about.value, about.system)).length === 0)
    return err({ ...failure("NOT_FOUND", "nobody here has the number that the importer named"), isKept: false });
  const reading = readCcda(bytes);
  if (!reading.ok) {
    const isOther = reading.error.code === "SOURCE_UNSUPPORTED" || reading.error.code === "TOO_LARGE";
    return isOther ? err({ ...reading.error, isKept: false }) : keep(reading.error, "document");
  }
  const claim = claimOf(reading.value, about);
  if (!claim.ok) return keep(claim.error, "recordTarget");
  const fragments = [...reading.value.resources, reading.value.original];
  const stored = await deps.sql.begin(async (tx) => {
    const patient = await matchPatient(tx, claim.value);
    if (!patient.ok) return patient;
    const inbound: Inbound = { ...key, state: "accepted", patientId: patient.value, fragments };
    const { isNew } = await storeInbound(tx, inbound);
    return ok({ patientId: patient.value, isNew });
  });
  if (!stored.ok) return keep(stored.error, "recordTarget");
  // Only what is committed can be seen by the delivery that is woken here.
  if (stored.value.isNew) deps.onAccepted();
  return ok({ patientId: stored.value.patientId, fragments, skipped: reading.value.skipped.length });
}

function claimOf(
  { patient }: CcdaReading,
  about: PatientIdentifier | undefined,
): Result<PatientClaim, Failure<"SOURCE_INCOMPLETE">> {
  // Whom the importer names is known by that number alone: numbers that other institutions gave do not become this one's.
  const identifiers = about === undefined ? (patient?.identifiers ?? []) : [about];
  if (identifiers.length === 0) {
    const what = patient === undefined ? "a part of a document does not say" : "the document has no number for";
    return err(failure("SOURCE_INCOMPLETE", `${what} whom it is about: name the patient`));
  }
  return ok({ identifiers, name: patient?.name ?? "", birthDate: patient?.birthDate, sex: patient?.sex });
}

/** The same file about another patient is another import. */
function controlIdOf(bytes: Bytes, about: PatientIdentifier | undefined): string {
  const hash = createHash("sha256").update(bytes);
  if (about !== undefined) hash.update(JSON.stringify([about.system, about.value]));
  return hash.digest("hex");
}
