import type { Bytes } from "@caseroom/contract";
import type { DicomInstance } from "@caseroom/dicom";
import type postgres from "postgres";

export type KeptInstance = {
  readonly instance: DicomInstance;
  readonly patientId: string;
  readonly hash: Bytes;
  readonly size: number;
  readonly file: string;
  readonly association: string;
  readonly receivedMs: number;
};

/** What is known of an instance already: `same` bytes, or `other` ones under the same UID. */
export async function compareInstance(
  sql: postgres.ISql,
  sop: string,
  hash: Bytes,
): Promise<"unknown" | "same" | "other"> {
  const [row] = await sql<{ bytes_hash: Uint8Array }[]>`SELECT bytes_hash FROM imaging_instance WHERE sop = ${sop}`;
  if (row === undefined) return "unknown";
  return Buffer.from(hash).equals(row.bytes_hash) ? "same" : "other";
}

/** False when another delivery of the same UID was faster. */
export async function insertInstance(sql: postgres.ISql, kept: KeptInstance): Promise<boolean> {
  const { instance } = kept;
  const rows = await sql`
    INSERT INTO imaging_instance (sop, study, series, modality, sop_class, transfer_syntax, patient_id, bytes_hash, size, file, header,
      received_ms, state, association)
    VALUES (${instance.sop}, ${instance.study}, ${instance.series}, ${instance.modality}, ${instance.sopClass},
      ${instance.transferSyntax}, ${kept.patientId}::bigint, ${Buffer.from(kept.hash)}, ${kept.size}, ${kept.file}, ${instance.header},
      ${kept.receivedMs}, 'received', ${kept.association})
    ON CONFLICT (sop) DO NOTHING RETURNING sop`;
  return rows.length === 1;
}
