import { type Bytes, type ErrorCode, toBytes } from "@caseroom/contract";
import type postgres from "postgres";

/** What a source sent, as it lies on disk before the source is told so. */
export type Inbound = {
  readonly protocol: "hl7v2" | "fhir" | "ccda";
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
  | { readonly state: "quarantined"; readonly code: ErrorCode; readonly place: string }
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

/** Stores once. Of a repeated message the first answer is given back, and nothing is stored. */
export async function storeInbound(
  sql: postgres.ISql,
  inbound: Inbound,
): Promise<{ readonly isNew: boolean; readonly reply: Bytes }> {
  const accepted = inbound.state === "accepted" ? inbound : undefined;
  const refused = inbound.state === "quarantined" ? inbound : undefined;
  const inserted = await sql`
    INSERT INTO inbound (protocol, sender, control_id, received_ms, media_type, bytes, state, patient_id, fragments, reply, code, place)
    VALUES (${inbound.protocol}, ${inbound.sender}, ${inbound.controlId}, ${inbound.receivedMs}, ${inbound.mediaType},
      ${Buffer.from(inbound.bytes)}, ${inbound.state}, ${accepted?.patientId ?? null},
      ${JSON.stringify(accepted?.fragments ?? [])}::text::jsonb, ${Buffer.from(inbound.reply)}, ${refused?.code ?? null}, ${refused?.place ?? null})
    ON CONFLICT (protocol, sender, control_id) DO NOTHING RETURNING id`;
  if (inserted.length === 1) return { isNew: true, reply: inbound.reply };
  return { isNew: false, reply: (await findReply(sql, inbound)) ?? inbound.reply };
}

/** The answer to a message that has been stored before. */
export async function findReply(
  sql: postgres.ISql,
  key: { readonly protocol: string; readonly sender: string; readonly controlId: string },
): Promise<Bytes | undefined> {
  const [row] = await sql<{ reply: Uint8Array }[]>`
    SELECT reply FROM inbound WHERE protocol = ${key.protocol} AND sender = ${key.sender} AND control_id = ${key.controlId}`;
  return row === undefined ? undefined : toBytes(row.reply);
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

/** A part of these messages is too large to be sent. */
export async function markUnsendable(sql: postgres.Sql, ids: readonly string[]): Promise<void> {
  await sql`
    UPDATE inbound SET state = 'quarantined', code = 'TOO_LARGE', place = 'fragment' WHERE id = ANY(${ids}::bigint[])`;
}

export async function listQuarantined(sql: postgres.Sql) {
  const rows = await sql<
    { id: string; received_ms: string; protocol: string; code: string; place: string; bytes: number }[]
  >`
    SELECT id::text, received_ms::text, protocol, code, place, length(bytes) AS bytes FROM inbound WHERE state = 'quarantined' ORDER BY id DESC LIMIT 200`;
  return rows.map((row) => ({
    id: row.id,
    receivedMs: Number(row.received_ms),
    protocol: row.protocol,
    code: row.code,
    where: row.place,
    bytes: row.bytes,
  }));
}
