import { createHash } from "node:crypto";
import { type CcdaReading, readCcda } from "@caseroom/ccda";
import { type Bytes, err, type Failure, failure, ok, type Result, toBytes } from "@caseroom/contract";
import type postgres from "postgres";
import { storeInbound } from "../inbound/inbound-store.ts";
import {
  findPatientsByIdentifier,
  matchPatient,
  type PatientClaim,
  type PatientIdentifier,
} from "../patients/patient-index.ts";
import { findFaultPlace, placeOf } from "../quarantine/fault-place.ts";
import { putAside } from "../quarantine/quarantine-store.ts";

export type ImportedCcda = {
  readonly patientId: string;
  readonly fragments: readonly { readonly resourceType: string }[];
  /** Statements that stand in the original and in no resource. */
  readonly skipped: number;
};

type Kept = Failure & { readonly isKept: boolean };
type Located = Failure & { readonly place: string };
type Deps = {
  readonly sql: postgres.Sql;
  readonly nowMs: () => number;
  readonly sender: string;
  readonly onAccepted: () => void;
};

const MEDIA_TYPE = "application/xml";

/**
 * Takes a C-CDA document or a bare part of one into a patient's chart: durable when it resolves, sealed after. `about` is a patient whom
 * the importer names; whom the document names is checked against that. What is no clinical document is refused; a clinical one that cannot
 * be used is kept for a person to look at. The same file again changes nothing.
 */
export async function importCcda(
  deps: Deps,
  bytes: Bytes,
  about?: PatientIdentifier,
): Promise<Result<ImportedCcda, Kept>> {
  const taken = await takeCcda(deps, bytes, { about });
  if (taken.ok) return taken;
  const { place, ...problem } = taken.error;
  const isKept = problem.code !== "NOT_FOUND" && problem.code !== "SOURCE_UNSUPPORTED" && problem.code !== "TOO_LARGE";
  if (isKept) {
    const { sender } = deps;
    const aside = { receivedMs: deps.nowMs(), source: "import", sender, mediaType: MEDIA_TYPE, bytes } as const;
    const request = about === undefined ? {} : { request: JSON.stringify(about) };
    await deps.sql.begin((tx) => putAside(tx, { ...aside, ...request, code: problem.code, place }));
  }
  return err({ ...problem, isKept });
}

/** As `importCcda`; what is refused is in the hands of the caller. `settle` runs in the transaction that takes it. */
export async function takeCcda(
  deps: Deps,
  bytes: Bytes,
  options: {
    readonly about?: PatientIdentifier | undefined;
    readonly settle?: (tx: postgres.ISql) => Promise<void>;
  },
): Promise<Result<ImportedCcda, Located>> {
  const { about, settle } = options;
  if (about !== undefined && (await findPatientsByIdentifier(deps.sql, about.value, about.system)).length === 0)
    return err({ ...failure("NOT_FOUND", "nobody here has the number that the importer named"), place: "" });
  const reading = readCcda(bytes);
  if (!reading.ok) return err({ ...reading.error, place: "" });
  const claim = claimOfDocument(reading.value, about);
  if (!claim.ok) return err({ ...claim.error, place: placeOf("ccda", "no-identifier") });
  const fragments = [...reading.value.resources, reading.value.original];
  const stored = await deps.sql.begin(async (tx) => {
    const patient = await matchPatient(tx, claim.value);
    if (!patient.ok)
      return err({ ...patient.error, place: await findFaultPlace(tx, "ccda", claim.value, patient.error) });
    const { isNew } = await storeInbound(tx, {
      protocol: "ccda",
      sender: deps.sender,
      controlId: controlIdOf(bytes, about),
      receivedMs: deps.nowMs(),
      mediaType: MEDIA_TYPE,
      bytes,
      reply: toBytes([]),
      state: "accepted",
      patientId: patient.value,
      fragments,
    });
    await settle?.(tx);
    return ok({ patientId: patient.value, isNew });
  });
  if (!stored.ok) return stored;
  // Only what is committed can be seen by the delivery that is woken here.
  if (stored.value.isNew) deps.onAccepted();
  return ok({ patientId: stored.value.patientId, fragments, skipped: reading.value.skipped.length });
}

/** Whom a document is about, as the importer or the document itself says. */
export function claimOfDocument(
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
