export { type BlobSource, type BlobSpool, bytesSource, createMemorySpool } from "./blobs/blob-spool.ts";
export type { BlobUpload } from "./blobs/blob-upload.ts";
export type { Blobs } from "./blobs/blobs.ts";
export { type DetachedData, detachLargeData, restoreLargeData } from "./blobs/large-data.ts";
export type { OpenBlob } from "./blobs/open-blob.ts";
export { caseRole, chartRole, planCase, planChart } from "./case-policy.ts";
export { type CaseFile, type CaseIndex, createCaseIndex, type Invite, type Said } from "./cases/case-index.ts";
export { type Case, type Cases, caseRules, followCases, isInstitutionsChart } from "./cases/cases.ts";
export { type ChatBody, encodeChat, parseChat } from "./chat-body.ts";
export { type Client, type ClientOptions, type ClientSpace, createClient } from "./client.ts";
export type { Alarm, ClientEvent, Listener, ReceivedEntry } from "./client-events.ts";
export type { Commits } from "./commits.ts";
export type { Compartment } from "./compartment.ts";
export { type Connection, type ConnectOptions, connect } from "./connect.ts";
export {
  approveDevice,
  dismissDevice,
  ownDevice,
  type PendingDevice,
  pendingDevices,
} from "./device-enrolment.ts";
export type { DeviceHome, DeviceVault } from "./device-home.ts";
export type { DeviceKeys } from "./device-keys.ts";
export { encodeFhirBody, MAX_PACK_BYTES, packFragments, parseFhirBody } from "./fhir-body.ts";
export {
  createGatewayApi,
  type GatewayApi,
  type ReplySchema,
  type StaffApi,
  type StaffQuestion,
} from "./gateway-api.ts";
export { type CallInput, createHubApi, type HubApi, type Reply } from "./hub-api.ts";
export type { OpenSocket, SocketLike } from "./hub-stream.ts";
export { encodeImageMark, type ImageMark, type MarkPoint, parseImageMark } from "./imaging/image-mark.ts";
export {
  encodeImagingManifest,
  type ImagingManifest,
  type ImagingPack,
  MAX_MANIFEST_PACKS,
  parseImagingManifest,
} from "./imaging/imaging-manifest.ts";
export { type ByteSpan, encodePackIndex, MAX_INDEX_BYTES, type PackRow, parsePackIndex } from "./imaging/pack-index.ts";
export { createLane, type Lane } from "./lane.ts";
export {
  activeGateways,
  institutionName,
  type NameBook,
  type Named,
  openNameBook,
  userOfStaff,
} from "./name-book.ts";
export type { Accepted, Outbox } from "./outbox.ts";
export type { EntryDraft } from "./outbox-row.ts";
export { type CasePatient, encodeRequest, parseRequest, type RequestEntry } from "./request-entry.ts";
export { type Account, beginSignIn, finishSignIn, type Session, type SignInBegun } from "./session.ts";
export { type SignedInDevice, type SignInAttempt, type SignInOutcome, signIn } from "./sign-in.ts";
export type { SignInForm } from "./sign-in-form.ts";
export { createMemoryStore } from "./store/memory-store.ts";
export type { Store } from "./store/store.ts";
export { keysFromSeeds, SEED_VAULT_BYTES } from "./vault/seed-vault.ts";
