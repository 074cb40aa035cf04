import { createHash } from "node:crypto";
import { isFhirResource } from "@caseroom/clinical";
import { err, type Failure, failure, ok, type Result, toBytes, utf8ToBytes } from "@caseroom/contract";
import { readFhir } from "@caseroom/fhir";
import type postgres from "postgres";
import { claimOf } from "../fhir/patient-claim.ts";
import { storeInbound } from "../inbound/inbound-store.ts";
import { matchPatient, type PatientClaim } from "../patients/patient-index.ts";
import { findFaultPlace, placeOf } from "../quarantine/fault-place.ts";
import { putAside } from "../quarantine/quarantine-store.ts";

type Imported = { readonly fragments: number; readonly patientId: string };

type Deps = {
  readonly sql: postgres.Sql;
  readonly nowMs: () => number;
  readonly sender: string;
  readonly onAccepted: () => void;
};

const MEDIA_TYPE = "application/fhir+json";

/**
 * Takes a FHIR R4 Bundle of one patient into that patient's chart: durable when it resolves, sealed after. The same bundle again changes
 * nothing. Nothing of a bundle is taken unless it has exactly one patient. One that contradicts the patient's record is put aside
 * (PATIENT_MISMATCH).
 */
export async function importFhir(deps: Deps, text: string): Promise<Result<Imported, Failure>> {
  const taken = await takeBundle(deps, text, {});
  if (taken.ok) return taken;
  const { place, ...problem } = taken.error;
  if (problem.code === "PATIENT_MISMATCH") {
    const { sender } = deps;
    const bytes = utf8ToBytes(text);
    const aside = { receivedMs: deps.nowMs(), source: "import", sender, mediaType: MEDIA_TYPE, bytes } as const;
    await deps.sql.begin((tx) => putAside(tx, { ...aside, code: problem.code, place }));
  }
  return err(problem);
}

/** As `importFhir`; what is refused is in the hands of the caller. `settle` runs in the transaction that takes it. */
export async function takeBundle(
  deps: Deps,
  text: string,
  { settle }: { readonly settle?: (tx: postgres.ISql) => Promise<void> },
): Promise<Result<Imported, Failure & { readonly place: string }>> {
  const read = readFhir(text);
  if (!read.ok) return err({ ...read.error, place: "" });
  const claim = onlyClaim(read.value.filter((one) => one.resourceType === "Patient").map((one) => one.json));
  if (claim === undefined) {
    const words = "a bundle is about exactly one patient with an identifier";
    return err({ ...failure("SOURCE_INCOMPLETE", words), place: placeOf("fhir", "no-identifier") });
  }
  const bytes = utf8ToBytes(text);
  const controlId = createHash("sha256").update(bytes).digest("hex");
  const imported = await deps.sql.begin(async (tx): Promise<Result<Imported, Failure & { readonly place: string }>> => {
    const patient = await matchPatient(tx, claim);
    if (!patient.ok) return err({ ...patient.error, place: await findFaultPlace(tx, "fhir", claim, patient.error) });
    await storeInbound(tx, {
      protocol: "fhir",
      sender: deps.sender,
      controlId,
      receivedMs: deps.nowMs(),
      mediaType: MEDIA_TYPE,
      bytes,
      reply: toBytes([]),
      state: "accepted",
      patientId: patient.value,
      fragments: read.value,
    });
    await settle?.(tx);
    return ok({ fragments: read.value.length, patientId: patient.value });
  });
  // Only what is committed can be seen by the delivery that is woken here.
  if (imported.ok) deps.onAccepted();
  return imported;
}

function onlyClaim(patients: readonly string[]): PatientClaim | undefined {
  const [json] = patients;
  if (patients.length !== 1 || json === undefined) return undefined;
  const resource: unknown = JSON.parse(json);
  return isFhirResource(resource) ? claimOf(resource) : undefined;
}
