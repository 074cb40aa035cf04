import { createHash } from "node:crypto";
import { isFhirResource } from "@caseroom/clinical";
import { err, type Failure, failure, ok, type Result, toBytes, utf8ToBytes } from "@caseroom/contract";
import { readFhir } from "@caseroom/fhir";
import type postgres from "postgres";
import { claimOf } from "../fhir/patient-claim.ts";
import { storeInbound } from "../inbound/inbound-store.ts";
import { matchPatient, type PatientClaim } from "../patients/patient-index.ts";

type Imported = { readonly fragments: number; readonly patientId: string };

/**
 * Takes a FHIR R4 Bundle of one patient into that patient's chart: durable when it resolves, sealed after. The same bundle again changes
 * nothing. Nothing of a bundle is taken unless it has exactly one patient.
 */
export async function importFhir(
  deps: {
    readonly sql: postgres.Sql;
    readonly nowMs: () => number;
    readonly sender: string;
    readonly onAccepted: () => void;
  },
  text: string,
): Promise<Result<Imported, Failure>> {
  const read = readFhir(text);
  if (!read.ok) return read;
  const claim = onlyClaim(read.value.filter((one) => one.resourceType === "Patient").map((one) => one.json));
  if (claim === undefined)
    return err(failure("SOURCE_INCOMPLETE", "a bundle is about exactly one patient with an identifier"));
  const bytes = utf8ToBytes(text);
  const controlId = createHash("sha256").update(bytes).digest("hex");
  const imported = await deps.sql.begin(async (tx): Promise<Result<Imported, Failure>> => {
    const patient = await matchPatient(tx, claim);
    if (!patient.ok) return patient;
    await storeInbound(tx, {
      protocol: "fhir",
      sender: deps.sender,
      controlId,
      receivedMs: deps.nowMs(),
      mediaType: "application/fhir+json",
      bytes,
      reply: toBytes([]),
      state: "accepted",
      patientId: patient.value,
      fragments: read.value,
    });
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
