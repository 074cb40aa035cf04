import { createHash, randomBytes } from "node:crypto";
import { type Bytes, err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import {
  type AckInput,
  buildAck,
  type Hl7Problem,
  type Hl7Reading,
  hl7Sender,
  readHl7,
  readSender,
  type SenderProfile,
} from "@caseroom/hl7v2";
import type postgres from "postgres";
import { type Inbound, storeInbound } from "../../features/inbound/inbound-store.ts";
import { claimOfMessage } from "../../features/patients/hl7-claim.ts";
import { matchPatient } from "../../features/patients/patient-index.ts";
import { findFaultPlace } from "../../features/quarantine/fault-place.ts";

const MEDIA_TYPE = "x-application/hl7-v2+er7";
/** HL7 v2.5.1 §2.14.9 has no word for it; who opens the source sees that it is not what the sender's system wrote. */
const REPAIRED_MEDIA_TYPE = `${MEDIA_TYPE}; repaired`;

type Deps = {
  readonly sql: postgres.Sql;
  readonly nowMs: () => number;
  readonly onAccepted: () => void;
  /** What is particular about senders; none of them without it. */
  readonly profiles?: readonly SenderProfile[];
};
type Message = { readonly bytes: Bytes; readonly receivedMs: number; readonly mediaType: string };

/**
 * One HL7 v2 message: read, matched, on disk, and only then acknowledged. What cannot be used is answered with AE or AR and an ERR segment
 * and kept for a person to look at. A repeated message of a sender is answered as before and stored once; another message under a number
 * that was taken is not a repeat, and its result must not be lost.
 */
export async function receiveHl7({ sql, nowMs, onAccepted, profiles }: Deps, bytes: Bytes): Promise<Bytes> {
  const message: Message = { bytes, receivedMs: nowMs(), mediaType: MEDIA_TYPE };
  const reading = readHl7(bytes, profiles);
  const stored = await sql.begin(async (tx) => {
    if (!reading.ok) return storeInbound(tx, unreadable(message, reading.error));
    const claim = claimOfMessage(reading.value);
    const patient = await matchPatient(tx, claim);
    if (patient.ok) {
      const first = await storeInbound(tx, accepted(message, reading.value, patient.value));
      return first.isNew || isRepeat(first.bytes, bytes) ? first : storeInbound(tx, renumbered(message, reading.value));
    }
    const place = await findFaultPlace(tx, "hl7v2", claim, patient.error);
    return storeInbound(tx, mismatched(message, reading.value, { ...patient.error, place }));
  });
  if (stored.isNew) onAccepted();
  return stored.reply;
}

/**
 * A message from the quarantine, as it came or repaired, by the same way: `settle` runs in the transaction that takes it. DUPLICATE when its
 * sender and MSH-10 are those of a message that was taken already.
 */
export async function replayHl7(
  { sql, nowMs, onAccepted, profiles }: Deps,
  { bytes, isRepaired }: { readonly bytes: Bytes; readonly isRepaired: boolean },
  settle: (tx: postgres.ISql) => Promise<void>,
): Promise<Result<undefined, Failure & { readonly place: string }>> {
  const reading = readHl7(bytes, profiles);
  if (!reading.ok) return err({ ...reading.error, place: placeOfProblem(reading.error) });
  const message = { bytes, receivedMs: nowMs(), mediaType: isRepaired ? REPAIRED_MEDIA_TYPE : MEDIA_TYPE };
  const claim = claimOfMessage(reading.value);
  const taken = await sql.begin(async (tx): Promise<Result<undefined, Failure & { readonly place: string }>> => {
    const patient = await matchPatient(tx, claim);
    if (!patient.ok) return err({ ...patient.error, place: await findFaultPlace(tx, "hl7v2", claim, patient.error) });
    const stored = await storeInbound(tx, accepted(message, reading.value, patient.value));
    if (!stored.isNew) return err({ ...failure("DUPLICATE"), place: "MSH-10" });
    await settle(tx);
    return ok();
  });
  if (taken.ok) onAccepted();
  return taken;
}

/** A sender that did not hear the answer may write another time into its header (HL7 v2.5.1 §2.9.2.3): the rest is what counts. */
function isRepeat(first: Bytes, second: Bytes): boolean {
  return Buffer.from(bodyOf(first)).equals(bodyOf(second));
}

function bodyOf(bytes: Bytes): Bytes {
  const end = bytes.findIndex((byte) => byte === 0x0d || byte === 0x0a);
  return end < 0 ? bytes : bytes.subarray(end);
}

/** Kept under a number of its own; the sender is told that the one it gave is taken. */
function renumbered(message: Message, reading: Hl7Reading): Inbound {
  const hash = createHash("sha256").update(message.bytes).digest("hex");
  const why = { ...failure("DUPLICATE"), place: "MSH-10" };
  return { ...mismatched(message, reading, why), controlId: `${reading.controlId} ${hash}` };
}

function accepted(message: Message, reading: Hl7Reading, patientId: string): Inbound {
  const { fragments } = reading;
  return { ...named(message, reading), reply: acknowledge(message, "AA"), state: "accepted", patientId, fragments };
}

function mismatched(message: Message, reading: Hl7Reading, why: Failure & { readonly place: string }): Inbound {
  const { code, place } = why;
  const [segment = "PID", field] = place.split("-");
  const reply = acknowledge(message, "AE", { code, segment, field: Number(field) });
  return { ...named(message, reading), reply, state: "quarantined", code, place };
}

/** By whom it was sent, and under which number. */
function named(message: Message, reading: Hl7Reading) {
  return { ...message, protocol: "hl7v2", sender: hl7Sender(reading), controlId: reading.controlId } as const;
}

function unreadable(message: Message, problem: Hl7Problem): Inbound {
  // Without a control id of its own only the very same bytes are a repeat.
  const controlId = problem.controlId ?? `unnamed-${createHash("sha256").update(message.bytes).digest("hex")}`;
  const reply = acknowledge(message, problem.ack, problem);
  const place = placeOfProblem(problem);
  return {
    ...message,
    protocol: "hl7v2",
    sender: readSender(message.bytes) ?? "",
    controlId,
    reply,
    state: "quarantined",
    code: problem.code,
    place,
  };
}

function acknowledge({ bytes, receivedMs }: Message, code: "AA" | "AE" | "AR", problem?: AckInput["problem"]): Bytes {
  const base = { request: bytes, code, controlId: randomBytes(10).toString("hex"), nowMs: receivedMs };
  return buildAck(problem === undefined ? base : { ...base, problem });
}

/** Segment and field; empty when it is the message as a whole. */
function placeOfProblem({ segment, field }: Hl7Problem): string {
  return segment === undefined ? "" : field === undefined ? segment : `${segment}-${field}`;
}
