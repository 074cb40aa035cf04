/** The door for everyone, the hub included: what the public bytes of chains and envelopes say and whether they hold. */
export { applyLink } from "./apply-link.ts";
export type {
  ChainHead,
  ChainState,
  ChainView,
  CompState,
  ConsState,
  Credential,
  DeviceState,
  EpochState,
  Member,
  OrgState,
  PukState,
  SpaceState,
  UserState,
  WrapRef,
} from "./chain-state.ts";
export { isReader } from "./comp-chain.ts";
export { applyBatch, createDirectory, type Directory } from "./directory.ts";
export { type Envelope, MAX_ENVELOPE_BYTES, parseEnvelope } from "./envelope.ts";
export { type ChainType, type CheckpointRef, chainIdOf, MAX_LINK_BYTES, type ParsedLink, parseLink } from "./link.ts";
export { holdsAt, type Interval, type Moment, presentMoment } from "./moment.ts";
export {
  activeDevices,
  credentialsAt,
  isDeviceActive,
  isPrincipalActive,
  newestPuk,
  readersAt,
  resolveSigner,
  roleNear,
} from "./principal.ts";
export { ENTRY_KINDS, type EntryKind, mayAppend, mayRead, mayWrite, ROLES, type Role } from "./role.ts";
export {
  type Receipt,
  type Ticket,
  verifyReceipt,
  verifySessionStatement,
  verifyTicket,
} from "./statements.ts";
export { wrapHashesOf } from "./wrap-hashes.ts";
