import {
  type Bytes,
  type CompId,
  type ConsortiumId,
  type Digest,
  expectOk,
  type Failure,
  InvariantError,
  type OrgId,
  ok,
  parseId32,
  type Random,
  type Result,
  type SpaceId,
  toBytes,
  type UserId,
} from "@caseroom/contract";
import { type KemKey, kemKeyFromSeed } from "@caseroom/crypto/secret";
import { type SigningKey, signingKeyFromSeed } from "@caseroom/crypto/sign";
import { digestOf, sha256 } from "@caseroom/crypto/verify";
import type { CompState } from "./chain-state.ts";
import { buildCommit, type Change } from "./commit-build.ts";
import { applyBatch, createDirectory, type Directory } from "./directory.ts";
import { signConsortiumGenesis, signOrgAdmission, signOrgGenesis, signOrgStatement } from "./found-institutions.ts";
import { type Keyring, openKeyring } from "./keyring.ts";
import type { ParsedLink } from "./link.ts";
import { NOTHING_SEEN } from "./link-sign.ts";
import type { Moment } from "./moment.ts";
import { openPuk, type PukRing } from "./puk.ts";
import type { Role } from "./role.ts";
import { createSpace } from "./space-build.ts";
import { createUser, type Draft, type OwnDevice } from "./user-build.ts";

/** A consortium in memory, with a hub that only applies the rules: for tests of the rules themselves. */
export type TestUser = {
  readonly userId: UserId;
  readonly device: OwnDevice;
  readonly kemKey: KemKey;
};
export type TestConsortium = Awaited<ReturnType<typeof createTestConsortium>>;

/** Reproducible: SHA-256 in counter mode over a seed. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  const text = new TextEncoder();
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const block = sha256(text.encode(`${seed}/${counter++}`));
      bytes.set(block.subarray(0, Math.min(32, length - at)), at);
    }
    return bytes;
  };
}

export async function createTestDevice(
  random: Random,
): Promise<{ readonly device: OwnDevice; readonly kemKey: KemKey }> {
  const signing: SigningKey = await signingKeyFromSeed(random(32));
  const kemKey = await kemKeyFromSeed(random(32));
  return { device: { signing, kemPublicKey: kemKey.publicKey, kind: "browser" }, kemKey };
}

export async function createTestConsortium(seed = "consortium") {
  const random = seededRandom(seed);
  const directory: Directory = createDirectory();
  const wraps = new Map<Digest, Bytes>();
  const accepted: { readonly link: ParsedLink; readonly at: Moment }[] = [];
  let index = 0;
  let nowMs = 1_800_000_000_000;

  /** What a hub does: the rules at the next index, then all or nothing. */
  const accept = async (draft: Draft): Promise<Result<undefined, Failure>> => {
    const dated = draft.links.map((link, i) => ({ link, at: { index: index + i, ts: nowMs } }));
    const layer = await applyBatch(directory, dated);
    if (!layer.ok) return layer;
    for (const state of layer.value.states()) directory.set(state);
    for (const wrap of draft.wraps) wraps.set(digestOf(wrap), wrap);
    accepted.push(...dated);
    index += dated.length;
    nowMs += 1000;
    return ok();
  };
  const fetchWrap = async (hash: Digest) => wraps.get(hash);

  const rootKey = await signingKeyFromSeed(random(32));
  const logKey = await signingKeyFromSeed(random(32));
  const log = { origin: "hub.test/cr1", logKey: logKey.publicKey, cosignKey: logKey.publicKey };
  const genesis = await signConsortiumGenesis({ rootKeys: [rootKey], k: 1, log, nowMs });
  expectOk(await accept({ links: [genesis], wraps: [] }), "consortium");
  const consortiumId = expectId<ConsortiumId>(genesis.chainId);

  const addOrg = async (name: string) => {
    const caKey = await signingKeyFromSeed(random(32));
    const link = await signOrgGenesis({ consortiumId, caKey, nowMs });
    expectOk(await accept({ links: [link], wraps: [] }), "org");
    const orgId = expectId<OrgId>(link.chainId);
    const consortium = directory.consortium();
    if (consortium === undefined) throw new InvariantError("no consortium");
    const admission = await signOrgAdmission({ consortium, rootKeys: [rootKey], orgId, name, nowMs });
    expectOk(await accept({ links: [admission], wraps: [] }), "admission");
    return { orgId, caKey };
  };
  const org = await addOrg("Harbour General Hospital");

  const signForOrg = async (statement: Parameters<typeof signOrgStatement>[0]["statement"]) => {
    const state = directory.org(org.orgId);
    if (state === undefined) throw new InvariantError("no org");
    const link = await signOrgStatement({ consortiumId, caKey: org.caKey, org: state, statement, nowMs });
    return accept({ links: [link], wraps: [] });
  };

  const addUser = async (name: string, kind: "person" | "gateway" = "person"): Promise<TestUser> => {
    const { device, kemKey } = await createTestDevice(random);
    const user = await createUser({ consortiumId, kind, device, nowMs, random });
    expectOk(await accept(user), name);
    const statement =
      kind === "person"
        ? ({ op: "cred.issue", userId: user.userId, staffId: name, name, role: "attending" } as const)
        : ({ op: "gw.add", userId: user.userId, name } as const);
    expectOk(await signForOrg(statement), name);
    return { userId: user.userId, device, kemKey };
  };

  const common = (user: TestUser) => ({
    consortiumId,
    view: directory,
    signing: user.device.signing,
    cp: NOTHING_SEEN,
    nowMs,
    random,
  });

  const pukOf = async (user: TestUser, kemKey = user.kemKey, kid = user.device.signing.kid): Promise<PukRing> => {
    const state = directory.user(user.userId);
    if (state === undefined) throw new InvariantError("no user");
    return expectOk(await openPuk({ consortiumId, user: state, kid, kemKey, fetchWrap }), "puk");
  };

  const compState = (compId: CompId): CompState => {
    const comp = directory.comp(compId);
    if (comp === undefined) throw new InvariantError("no compartment");
    return comp;
  };

  const tryKeyring = async (user: TestUser, compId: CompId) =>
    openKeyring({ consortiumId, comp: compState(compId), puk: await pukOf(user), fetchWrap });

  const keyringOf = async (user: TestUser, compId: CompId): Promise<Keyring> =>
    expectOk(await tryKeyring(user, compId), "keyring");

  const createRoom = async (
    founder: TestUser,
    members: readonly { readonly user: TestUser; readonly role: Role }[],
  ): Promise<{ readonly spaceId: SpaceId; readonly compId: CompId }> => {
    const plan = {
      kind: "case" as const,
      comps: [{ tier: 11, members: members.map(({ user, role }) => ({ userId: user.userId, role })) }],
    };
    const created = expectOk(await createSpace({ ...common(founder), userId: founder.userId }, plan), "space");
    expectOk(await accept(created), "space");
    const compId = created.comps[0]?.compId;
    if (compId === undefined) throw new InvariantError("no compartment");
    return { spaceId: created.spaceId, compId };
  };

  const draftCommit = async (user: TestUser, compId: CompId, change: Change): Promise<Draft> =>
    expectOk(
      await buildCommit({ ...common(user), comp: compState(compId), keyring: await keyringOf(user, compId) }, change),
      "commit",
    );

  const commit = async (user: TestUser, compId: CompId, change: Change) =>
    accept(await draftCommit(user, compId, change));

  return {
    consortiumId,
    directory,
    random,
    wraps,
    rootKey,
    accepted,
    org,
    accept,
    fetchWrap,
    signForOrg,
    addUser,
    common,
    pukOf,
    compState,
    keyringOf,
    tryKeyring,
    createRoom,
    draftCommit,
    commit,
    nowMs: () => nowMs,
    nextMoment: (): Moment => ({ index, ts: nowMs }),
  };
}

function expectId<Id extends ConsortiumId | OrgId>(text: string): Id {
  const id = parseId32<Id>(text);
  if (id === undefined) throw new InvariantError("not an id");
  return id;
}

/** The bytes with one byte changed. */
export function flipByte(bytes: Uint8Array, at: number): Bytes {
  const copy = toBytes(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x01;
  return copy;
}
