/** The door for members: what makes links, hands out keys, seals and opens. The hub cannot import it. */
export {
  type BlobDescriptor,
  type BlobReader,
  countSegments,
  createBlobReader,
  encodeBlobDescriptor,
  openBlob,
  parseBlobDescriptor,
  segmentRange,
  storedBlobSize,
} from "./blob.ts";
export { type BlobSealer, createBlobSealer, type SealedBlob, sealBlob } from "./blob-sealer.ts";
export { buildCommit, type Change, type CommitInput, isRotationDue } from "./commit-build.ts";
export { judgeAuthor, type OpenedEntry, openEntry, type SealedEntry, sealEntry } from "./entry.ts";
export type { DepositProvenance, EntryContent, EntryPlace, Seen } from "./entry-content.ts";
export type { SealTo } from "./envelope-seal.ts";
export type { Epoch } from "./epoch.ts";
export {
  type OrgStatement,
  signConsortiumGenesis,
  signOrgAdmission,
  signOrgGenesis,
  signOrgStatement,
} from "./found-institutions.ts";
export { createKeyring, type Keyring, openKeyring } from "./keyring.ts";
export { NOTHING_SEEN } from "./link-sign.ts";
export { type Mark, openMark, sealMark } from "./mark.ts";
export { normalisePairingCode, pairingCode } from "./pairing-code.ts";
export { openPuk, type PukRing } from "./puk.ts";
export { type CreatedSpace, createSpace, type SpacePlan, signSpaceStatement } from "./space-build.ts";
export {
  addDevice,
  createUser,
  type DeviceRequest,
  type Draft,
  encodeDeviceRequest,
  type OwnDevice,
  parseDeviceRequest,
  revokeDevice,
  rotatePuk,
  signPossession,
} from "./user-build.ts";
