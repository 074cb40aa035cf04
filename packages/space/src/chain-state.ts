import type { Bytes, CompId, ConsortiumId, Digest, Kid, OrgId, SpaceId, UserId } from "@caseroom/contract";
import type { Interval, Moment } from "./moment.ts";
import type { Role } from "./role.ts";

/** How many links a chain has, and the hash of the newest: what a client must never see go back. */
export type ChainHead = { readonly n: number; readonly hash: Digest; readonly at: Moment };

export type ConsState = {
  readonly ct: "cons";
  readonly id: ConsortiumId;
  readonly head: ChainHead;
  readonly rootKeys: ReadonlyMap<Kid, Bytes>;
  /** How many roots must sign. */
  readonly k: number;
  readonly log: { readonly origin: string; readonly logKey: Bytes; readonly cosignKey: Bytes };
  readonly orgs: ReadonlyMap<OrgId, { readonly name: string; readonly at: Moment }>;
};

/** An institution's word on who somebody is there. */
export type Credential = Interval & {
  readonly userId: UserId;
  readonly orgId: OrgId;
  readonly staffId: string;
  readonly name: string;
  readonly role: string;
  /** Milliseconds since the epoch; absent while credentials do not expire. */
  readonly exp?: number;
};

export type OrgState = {
  readonly ct: "org";
  readonly id: OrgId;
  readonly head: ChainHead;
  readonly caKeys: ReadonlyMap<Kid, Bytes>;
  readonly credentials: ReadonlyMap<UserId, readonly Credential[]>;
  readonly gateways: ReadonlyMap<UserId, Interval & { readonly name: string }>;
};

export type DeviceState = Interval & {
  readonly kid: Kid;
  readonly signingKey: Bytes;
  readonly kemKey: Bytes;
  readonly kind: string;
};

export type PukState = {
  readonly g: number;
  readonly publicKey: Bytes;
  /** PUK_{g−1} under PUK_g; absent for g = 1. */
  readonly history: Bytes | undefined;
  readonly at: Moment;
};

/** Where the wrap of a key for one recipient is, and what its `info` binds it to. */
export type WrapRef = {
  readonly generation: number;
  readonly hash: Digest;
  readonly p: Digest;
  readonly signer: Kid;
  /** Generation of the recipient's own key that it was sealed to. */
  readonly pukGen: number;
};

export type UserState = {
  readonly ct: "user";
  readonly id: UserId;
  readonly head: ChainHead;
  readonly kind: "person" | "gateway";
  readonly devices: ReadonlyMap<Kid, DeviceState>;
  /** Ascending by generation. Empty only between genesis and the first rotation. */
  readonly puks: readonly PukState[];
  readonly wraps: ReadonlyMap<Kid, WrapRef>;
};

export type SpaceState = {
  readonly ct: "space";
  readonly id: SpaceId;
  readonly head: ChainHead;
  readonly kind: "case" | "chart";
  readonly admins: ReadonlyMap<UserId, Interval>;
  readonly comps: readonly CompId[];
  readonly bans: ReadonlyMap<UserId, Interval>;
};

export type Member = {
  readonly userId: UserId;
  readonly role: Role;
  readonly from: Moment;
  /** Generation of the member's PUK that the present epoch was wrapped to; 0 for who does not read. */
  readonly pukGen: number;
};

export type EpochState = {
  readonly e: number;
  readonly commitment: Bytes;
  readonly inboxKey: Bytes;
  /** ES of the epoch linked to, under this epoch's history key; absent for e = 1. */
  readonly history: { readonly e: number; readonly sealed: Bytes } | undefined;
  readonly at: Moment;
};

/** A role that somebody had and has no longer, for judging what was written then. */
export type PastRole = { readonly userId: UserId; readonly role: Role } & Required<Interval>;

export type CompState = {
  readonly ct: "comp";
  readonly id: CompId;
  readonly spaceId: SpaceId;
  readonly tier: number;
  readonly head: ChainHead;
  readonly members: ReadonlyMap<UserId, Member>;
  readonly past: readonly PastRole[];
  /** Ascending by e. Empty only between genesis and the first commit. */
  readonly epochs: readonly EpochState[];
  readonly wraps: ReadonlyMap<UserId, WrapRef>;
};

export type ChainState = ConsState | OrgState | UserState | SpaceState | CompState;

/** What the rules may look at: every chain as far as it is known. */
export type ChainView = {
  readonly consortium: () => ConsState | undefined;
  readonly org: (id: OrgId) => OrgState | undefined;
  readonly user: (id: UserId) => UserState | undefined;
  readonly space: (id: SpaceId) => SpaceState | undefined;
  readonly comp: (id: CompId) => CompState | undefined;
  /** Whose device it is. A device belongs to one user for ever. */
  readonly ownerOf: (kid: Kid) => UserId | undefined;
  /** Institutions whose chain is known, admitted or not. */
  readonly orgs: () => Iterable<OrgState>;
};
