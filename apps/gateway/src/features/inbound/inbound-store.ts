import { type Bytes, type ErrorCode, toBytes } from "@caseroom/contract";
import type postgres from "postgres";
import { putAside } from "../quarantine/quarantine-store.ts";

/** What a source sent, as it lies on disk before the source is told so. */
export type Inbound = {
  readonly protocol: "hl7v2" | "fhir" | "ccda" | "document";
  readonly sender: string;
  readonly controlId: string;
  readonly receivedMs: number;
  readonly mediaType: string;
  readonly bytes: Bytes;
  /** What the source is answered, now and whenever it repeats itself. */
  readonly reply: Bytes;
} & (
  | {
      readonly state: "accepted";
      readonly patientId: string;
      readonly fragments: readonly { readonly resourceType: string; readonly json: string }[];
    }
  | { readonly protocol: "hl7v2"; readonly state: "quarantined"; readonly code: ErrorCode; readonly place: string }
);

export type WaitingMessage = {
  readonly id: string;
  readonly protocol: string;
  readonly sender: string;
  readonly controlId: string;
  readonly receivedMs: number;
  readonly mediaType: string;
  readonly bytes: Bytes;
  readonly patientId: string;
  readonly fragments: readonly { readonly resourceType: string; readonly json: string }[];
};

type WaitingRow = Omit<WaitingMessage, "bytes" | "receivedMs"> & {
  readonly bytes: Uint8Array;
  readonly receivedMs: string;
};

/**
 * Stores once: of a repeated message the first one's answer and bytes are given back, and nothing is stored. What was refused is no obstacle to a better message
 * of the same number. What is quarantined keeps its bytes there and its answer here, in the caller's transaction.
 */
export async function storeInbound(
  sql: postgres.ISql,
  inbound: Inbound,
): Promise<{ readonly isNew: boolean; readonly reply: Bytes; readonly bytes: Bytes }> {
  const accepted = inbound.state === "accepted" ? inbound : undefined;
  const bytes = accepted === undefined ? Buffer.alloc(0) : Buffer.from(inbound.bytes);
  const stored = await sql`
    INSERT INTO inbound (protocol, sender, control_id, received_ms, media_type, bytes, state, patient_id, fragments, reply)
    VALUES (${inbound.protocol}, ${inbound.sender}, ${inbound.controlId}, ${inbound.receivedMs}, ${inbound.mediaType}, ${bytes},
      ${inbound.state}, ${accepted?.patientId ?? null}, ${JSON.stringify(accepted?.fragments ?? [])}::text::jsonb, ${Buffer.from(inbound.reply)})
    ON CONFLICT (protocol, sender, control_id) DO UPDATE SET received_ms = EXCLUDED.received_ms, media_type = EXCLUDED.media_type,
      bytes = EXCLUDED.bytes, state = EXCLUDED.state, patient_id = EXCLUDED.patient_id, fragments = EXCLUDED.fragments, reply = EXCLUDED.reply
      WHERE inbound.state = 'quarantined'
    RETURNING id`;
  if (stored.length === 0) return { isNew: false, ...((await findFirst(sql, inbound)) ?? inbound) };
  if (inbound.state === "quarantined") await putAside(sql, { ...inbound, source: inbound.protocol });
  return { isNew: true, reply: inbound.reply, bytes: inbound.bytes };
}

/** A message that has been stored before, and what it was answered. */
async function findFirst(
  sql: postgres.ISql,
  key: { readonly protocol: string; readonly sender: string; readonly controlId: string },
): Promise<{ readonly reply: Bytes; readonly bytes: Bytes } | undefined> {
  const [row] = await sql<{ reply: Uint8Array; bytes: Uint8Array }[]>`
    SELECT reply, bytes FROM inbound WHERE protocol = ${key.protocol} AND sender = ${key.sender} AND control_id = ${key.controlId}`;
  return row === undefined ? undefined : { reply: toBytes(row.reply), bytes: toBytes(row.bytes) };
}

/** The oldest messages that wait to be sealed. */
export async function listWaiting(sql: postgres.Sql, limit: number): Promise<readonly WaitingMessage[]> {
  const rows = await sql<WaitingRow[]>`
    SELECT id::text, protocol, sender, control_id AS "controlId", received_ms::text AS "receivedMs", media_type AS "mediaType", bytes,
      patient_id::text AS "patientId", fragments
    FROM inbound WHERE state = 'accepted' ORDER BY id LIMIT ${limit}`;
  return rows.map((row) => ({ ...row, bytes: toBytes(row.bytes), receivedMs: Number(row.receivedMs) }));
}

export async function markSent(sql: postgres.Sql, ids: readonly string[]): Promise<void> {
  await sql`UPDATE inbound SET state = 'sent' WHERE id = ANY(${ids}::bigint[])`;
}

/** A part of these messages is too large to be sent: the rest has been, and they are put aside. */
export async function markUnsendable(sql: postgres.Sql, messages: readonly WaitingMessage[]): Promise<void> {
  for (const message of messages) {
    const { protocol, sender, receivedMs, mediaType, bytes } = message;
    const source = protocol === "hl7v2" ? protocol : protocol === "fhir" && sender !== "import" ? "fhir" : "import";
    await sql.begin(async (tx) => {
      await tx`UPDATE inbound SET state = 'sent' WHERE id = ${message.id}::bigint`;
      await putAside(tx, { receivedMs, source, sender, mediaType, bytes, code: "TOO_LARGE", place: "" });
    });
  }
}
