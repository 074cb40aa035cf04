import { type Bytes, bytesToHex, hexToBytes } from "./bytes.ts";
import { InvariantError } from "./result.ts";

/**
 * Ids travel as byte strings inside signed CBOR and as lower-case hexadecimal everywhere else.
 * A chain id is SHA-256("cr1/chain" ‖ genesis link), so it certifies itself (protocol.md §3.5).
 */
type Hex<Brand extends string> = string & { readonly __id: Brand };

export type ConsortiumId = Hex<"consortium">;
export type OrgId = Hex<"org">;
export type UserId = Hex<"user">;
export type SpaceId = Hex<"space">;
export type CompId = Hex<"comp">;
/** Any chain of the five kinds. */
export type ChainId = ConsortiumId | OrgId | UserId | SpaceId | CompId;
/** RFC 9679 thumbprint of a device's signing key (32 bytes). */
export type Kid = Hex<"kid">;
/** SHA-256 of an entry's inner COSE bytes: what other entries refer to. */
export type EntryId = Hex<"entry">;
/** Chosen by the author: idempotency key of an entry within its compartment (16 bytes). */
export type Oid = Hex<"oid">;
export type BlobId = Hex<"blob">;
/** SHA-256 of some public bytes (a link, a wrap, an envelope). */
export type Digest = Hex<"digest">;

type IdOf32 = ConsortiumId | OrgId | UserId | SpaceId | CompId | Kid | EntryId | Digest;
type IdOf16 = Oid | BlobId;

const HEX_32 = /^[0-9a-f]{64}$/;
const HEX_16 = /^[0-9a-f]{32}$/;

export function isId32(text: string): boolean {
  return HEX_32.test(text);
}

export function isId16(text: string): boolean {
  return HEX_16.test(text);
}

/** A 32-byte id from its text form; `undefined` when it is not one. The caller names which kind of id it expects. */
export function parseId32<Id extends IdOf32>(text: string): Id | undefined {
  return HEX_32.test(text) ? (text as Id) : undefined;
}

/** A 16-byte id from its text form; `undefined` when it is not one. */
export function parseId16<Id extends IdOf16>(text: string): Id | undefined {
  return HEX_16.test(text) ? (text as Id) : undefined;
}

/** A 32-byte id from bytes; `undefined` unless there are exactly 32. */
export function bytesToId32<Id extends IdOf32>(bytes: Uint8Array): Id | undefined {
  return bytes.length === 32 ? (bytesToHex(bytes) as Id) : undefined;
}

/** A 16-byte id from bytes; `undefined` unless there are exactly 16. */
export function bytesToId16<Id extends IdOf16>(bytes: Uint8Array): Id | undefined {
  return bytes.length === 16 ? (bytesToHex(bytes) as Id) : undefined;
}

/** The bytes of an id, as it stands in signed CBOR. */
export function idToBytes(id: IdOf32 | IdOf16): Bytes {
  const bytes = hexToBytes(id);
  if (bytes === undefined) throw new InvariantError("an id holds only hexadecimal digits");
  return bytes;
}
