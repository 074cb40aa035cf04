export {
  type Bytes,
  base64urlToBytes,
  bytesToBase64url,
  bytesToHex,
  bytesToUtf8,
  compareBytes,
  concatBytes,
  equalBytes,
  hexToBytes,
  toBytes,
  utf8ToBytes,
} from "./bytes.ts";
export { type Clock, type Random, systemClock, systemRandom } from "./clock.ts";
export {
  ERROR_CODES,
  type ErrorCode,
  type Failure,
  failure,
  isErrorCode,
} from "./errors.ts";
export {
  DEFAULT_FRAMED_LIMITS,
  decodeFramed,
  encodeFramed,
  FRAMED_MEDIA_TYPE,
  type FramedLimits,
  type FramedMessage,
  parseJson,
} from "./framed-message.ts";
export * from "./gateway/import-line.ts";
export * from "./gateway/links-api.ts";
export * from "./gateway/people.ts";
export * from "./gateway/quarantine-api.ts";
export * from "./gateway/web-api.ts";
export {
  type BlobId,
  bytesToId16,
  bytesToId32,
  type ChainId,
  type CompId,
  type ConsortiumId,
  type Digest,
  type EntryId,
  idToBytes,
  isId16,
  isId32,
  type Kid,
  type Oid,
  type OrgId,
  parseId16,
  parseId32,
  type SpaceId,
  type UserId,
} from "./ids.ts";
export { type Body, defineOperation, type Operation } from "./operation.ts";
export * from "./operations.ts";
export {
  type Err,
  err,
  expectOk,
  InvariantError,
  type Ok,
  ok,
  type Result,
} from "./result.ts";
export * from "./stream/messages.ts";
export { TIERS, type TierName, tierName } from "./tier.ts";
export { consortiumIdField, orgIdField, userIdField } from "./wire-fields.ts";
