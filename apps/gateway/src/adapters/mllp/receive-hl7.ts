import { randomBytes } from "node:crypto";
import type { Bytes, ErrorCode } from "@caseroom/contract";
import { type AckInput, buildAck, type Hl7Problem, type Hl7Reading, readHl7 } from "@caseroom/hl7v2";
import type postgres from "postgres";
import { type Inbound, storeInbound } from "../../features/inbound/inbound-store.ts";
import { HKID_SYSTEM, matchPatient, type PatientClaim } from "../../features/patients/patient-index.ts";

const MEDIA_TYPE = "x-application/hl7-v2+er7";

/**
 * One HL7 v2 message: read, matched, on disk, and only then acknowledged. What cannot be used is answered with AE or AR and an ERR segment
 * and kept for a person to look at. A repeated MSH-10 of a sender is answered as before and stored once.
 */
export async function receiveHl7(
  deps: { readonly sql: postgres.Sql; readonly nowMs: () => number; readonly onAccepted: () => void },
  message: Bytes,
): Promise<Bytes> {
  const receivedMs = deps.nowMs();
  const reading = readHl7(message);
  const acknowledge = (code: "AA" | "AE" | "AR", problem?: AckInput["problem"]) =>
    buildAck({
      request: message,
      code,
      controlId: newControlId(),
      nowMs: receivedMs,
      ...(problem === undefined ? {} : { problem }),
    });
  const base = { protocol: "hl7v2" as const, receivedMs, mediaType: MEDIA_TYPE, bytes: message };
  if (!reading.ok) {
    const { error } = reading;
    // Without a control id of its own it can never be a repeat.
    const controlId = error.controlId ?? `unnamed-${newControlId()}`;
    const reply = acknowledge(error.ack, error);
    const inbound: Inbound = {
      ...base,
      sender: "",
      controlId,
      reply,
      state: "quarantined",
      code: error.code,
      place: placeOf(error),
    };
    return (await storeInbound(deps.sql, inbound)).reply;
  }
  const { controlId, sendingApplication, sendingFacility, fragments } = reading.value;
  const key = { ...base, sender: `${sendingApplication}|${sendingFacility}`, controlId };
  const stored = await deps.sql.begin(async (tx) => {
    const patient = await matchPatient(tx, claimOf(reading.value));
    const inbound: Inbound = patient.ok
      ? { ...key, reply: acknowledge("AA"), state: "accepted", patientId: patient.value, fragments }
      : quarantine(key, patient.error.code, acknowledge("AE", { code: patient.error.code, segment: "PID" }));
    return storeInbound(tx, inbound);
  });
  if (stored.isNew) deps.onAccepted();
  return stored.reply;
}

type Key = Pick<Inbound, "protocol" | "sender" | "controlId" | "receivedMs" | "mediaType" | "bytes">;

function quarantine(key: Key, code: ErrorCode, reply: Bytes): Inbound {
  return { ...key, reply, state: "quarantined", code, place: "PID" };
}

/** A patient is known by the issuer of a number, or else by the sender that uses it. */
function claimOf(reading: Hl7Reading): PatientClaim {
  const own = `${reading.sendingApplication}|${reading.sendingFacility}`;
  const identifiers = reading.patient.identifiers.map(({ authority, value }) => ({
    system: authority === undefined ? own : authority.toUpperCase() === HKID_SYSTEM ? HKID_SYSTEM : authority,
    value,
  }));
  return { identifiers, name: reading.patient.name, birthDate: reading.patient.birthDate, sex: reading.patient.sex };
}

function placeOf(problem: Hl7Problem): string {
  return [problem.segment ?? "message", ...(problem.field === undefined ? [] : [problem.field])].join("-");
}

function newControlId(): string {
  return randomBytes(10).toString("hex");
}
