/**
 * The door for everyone, the hub included: what can be checked without any secret.
 * It must never import what the doors `sign` and `secret` open.
 */
export {
  type CborMap,
  type CborValue,
  decodeStrict,
  encodeCbor,
} from "./cbor.ts";
export {
  asArray,
  asArrayOf,
  asBytes,
  asCount,
  asText,
  isCborMap,
  type MapShape,
  readMap,
  unknownKeys,
} from "./cbor-fields.ts";
export {
  type Checkpoint,
  type LogKeys,
  verifyCheckpoint,
} from "./checkpoint.ts";
export {
  type ParsedSign,
  type ParsedSign1,
  parseSign,
  parseSign1,
  verifySign,
  verifySign1,
} from "./cose.ts";
export {
  checkKemKey,
  checkSigningKey,
  KEM_PUBLIC_KEY_BYTES,
  keyThumbprint,
  SIGNING_KEY_BYTES,
} from "./cose-key.ts";
export { verifyEd25519 } from "./ed25519.ts";
export { type FeedKind, feedLeafHash } from "./feed.ts";
export {
  FLOE_HEADER_BYTES,
  SEGMENT_BYTES,
  SEGMENT_OVERHEAD,
  SEGMENT_PLAINTEXT,
} from "./floe-layout.ts";
export {
  AAD_LABELS,
  HASH_LABELS,
  HPKE_LABELS,
  KDF_LABELS,
  SIGNED_TYPES,
  type SignedType,
} from "./labels.ts";
export {
  encodeLogLeaf,
  type LogLeaf,
  NO_HEAD,
  parseLogLeaf,
} from "./log-leaf.ts";
export {
  appendLeaf,
  decodeEdge,
  EMPTY_ROOT,
  edgeRoot,
  emptyEdge,
  encodeEdge,
  leafHash,
  newNodes,
  nodeHash,
  type RightEdge,
  verifyConsistency,
  verifyInclusion,
} from "./merkle.ts";
export {
  consistencyProof,
  inclusionProof,
  type NodeReader,
  rootAt,
} from "./merkle-proof.ts";
export { digestOf, sha256, sha256Parts } from "./sha256.ts";
