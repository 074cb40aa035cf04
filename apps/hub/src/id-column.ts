import {
  type BlobId,
  type ChainId,
  type CompId,
  type Digest,
  InvariantError,
  idToBytes,
  type Kid,
  type Oid,
  type OrgId,
  type SpaceId,
  type UserId,
} from "@caseroom/contract";

type StoredId = ChainId | Digest | Kid | OrgId | SpaceId | UserId | CompId | Oid | BlobId;

/** The bytea form of an id; a Buffer, since the driver's arrays know no other bytes. */
export function toColumn(id: StoredId): Buffer<ArrayBuffer> {
  return Buffer.from(idToBytes(id).buffer);
}

/** Ids as elements of an array parameter: their text form is already what PostgreSQL reads as bytes. */
export function idsColumn(ids: readonly (StoredId | undefined)[]): readonly (string | null)[] {
  return ids.map((id) => (id === undefined ? null : `\\x${id}`));
}

/** An id that the hub itself has written: anything else in its place is a bug. */
export function fromColumn<T>(value: T | undefined): T {
  if (value === undefined) throw new InvariantError("a stored id has its length");
  return value;
}

/** Bytes as elements of an array parameter: the driver cannot tell an array of bytes from bytes, so they travel as PostgreSQL's own hex text. */
export function hexColumn(values: readonly Uint8Array[]): readonly string[] {
  return values.map((value) => `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`);
}
