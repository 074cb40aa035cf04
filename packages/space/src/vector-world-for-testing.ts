import {
  type Bytes,
  type CompId,
  type ConsortiumId,
  type Digest,
  expectOk,
  InvariantError,
  type Kid,
  type OrgId,
  parseId32,
  type UserId,
  utf8ToBytes,
} from "@caseroom/contract";
import { kemKeyFromSeed } from "@caseroom/crypto/secret";
import { type SigningKey, signingKeyFromSeed } from "@caseroom/crypto/sign";
import { digestOf, EMPTY_ROOT, sha256 } from "@caseroom/crypto/verify";
import type { UserState } from "./chain-state.ts";
import { buildCommit, type Change } from "./commit-build.ts";
import { seededRandom } from "./consortium-for-testing.ts";
import { applyBatch, createDirectory } from "./directory.ts";
import {
  type OrgStatement,
  signConsortiumGenesis,
  signOrgAdmission,
  signOrgGenesis,
  signOrgStatement,
} from "./found-institutions.ts";
import { type Keyring, openKeyring } from "./keyring.ts";
import type { ParsedLink } from "./link.ts";
import type { Moment } from "./moment.ts";
import { openPuk } from "./puk.ts";
import { createSpace, signSpaceStatement } from "./space-build.ts";
import {
  addDevice,
  createUser,
  type Draft,
  encodeDeviceRequest,
  type OwnDevice,
  parseDeviceRequest,
  revokeDevice,
  rotatePuk,
  signPossession,
} from "./user-build.ts";

/** The one history that all vectors are taken from. Every op of every chain occurs in it, and every secret in it is known. */
export type VectorWorld = Awaited<ReturnType<typeof createVectorWorld>>;
export type AcceptedLink = { readonly link: ParsedLink; readonly at: Moment; readonly batch: number };
export type VectorUser = { readonly userId: UserId; readonly device: OwnDevice };

const START_MS = 1_800_000_000_000;
const cp = { size: 0, root: EMPTY_ROOT };

/** The seed of a named key. */
export function seedOf(name: string): Bytes {
  return sha256(utf8ToBytes(`cr1 vectors/key/${name}`));
}

export async function createVectorWorld() {
  const random = seededRandom("cr1 vectors/random");
  const directory = createDirectory();
  const wraps = new Map<Digest, Bytes>();
  const accepted: AcceptedLink[] = [];
  const signingKeys = new Map<Kid, { readonly seed: Bytes; readonly publicKey: Bytes }>();
  const kemSeeds = new Map<Kid, Bytes>();
  let batch = 0;
  const nowMs = () => START_MS + batch * 1000;
  const nextMoment = (): Moment => ({ index: accepted.length, ts: nowMs() });

  const accept = async (draft: Draft): Promise<void> => {
    const dated = draft.links.map((link, i) => ({ link, at: { index: accepted.length + i, ts: nowMs() } }));
    const layer = expectOk(
      await applyBatch(directory, dated),
      draft.links.map((link) => `${link.ct}/${link.op}`).join(),
    );
    for (const state of layer.states()) directory.set(state);
    for (const wrap of draft.wraps) wraps.set(digestOf(wrap), wrap);
    accepted.push(...dated.map((one) => ({ ...one, batch })));
    batch++;
  };
  const acceptLink = (link: ParsedLink) => accept({ links: [link], wraps: [] });

  const key = async (name: string): Promise<SigningKey> => {
    const seed = seedOf(name);
    const signing = await signingKeyFromSeed(seed);
    signingKeys.set(signing.kid, { seed, publicKey: signing.publicKey });
    return signing;
  };
  const device = async (name: string): Promise<OwnDevice> => {
    const signing = await key(`${name}/sig`);
    const seed = seedOf(`${name}/kem`);
    kemSeeds.set(signing.kid, seed);
    return { signing, kemPublicKey: (await kemKeyFromSeed(seed)).publicKey, kind: "browser" };
  };

  const rootKeys = [await key("root/1"), await key("root/2")];
  const logKey = await key("log");
  const cosignKey = await key("cosign");
  const caKey = await key("ca");
  const log = { origin: "hub.test/cr1", logKey: logKey.publicKey, cosignKey: cosignKey.publicKey };
  const founding = await signConsortiumGenesis({ rootKeys, k: 2, log, nowMs: nowMs() });
  await acceptLink(founding);
  const consortiumId = expectId<ConsortiumId>(founding.chainId);
  const org = await signOrgGenesis({ consortiumId, caKey, nowMs: nowMs() });
  await acceptLink(org);
  const orgId = expectId<OrgId>(org.chainId);
  const name = "Harbour General Hospital";
  const consortium = known(directory.consortium());
  await acceptLink(await signOrgAdmission({ consortium, rootKeys, orgId, name, nowMs: nowMs() }));

  const orgStatement = async (statement: OrgStatement) =>
    acceptLink(
      await signOrgStatement({ consortiumId, caKey, org: known(directory.org(orgId)), statement, nowMs: nowMs() }),
    );
  const addUser = async (who: string, kind: "person" | "gateway" = "person"): Promise<VectorUser> => {
    const first = await device(who);
    const user = await createUser({ consortiumId, kind, device: first, nowMs: nowMs(), random });
    await accept(user);
    const { userId } = user;
    await orgStatement(
      kind === "person"
        ? { op: "cred.issue", userId, staffId: `staff-${who}`, name: `Dr ${who}`, role: "attending" }
        : { op: "gw.add", userId, name: `Gateway ${who}` },
    );
    return { userId, device: first };
  };

  const common = (user: VectorUser) => {
    const { userId, device: own } = user;
    return { consortiumId, view: directory, userId, signing: own.signing, cp, nowMs: nowMs(), random };
  };
  const fetchWrap = async (hash: Digest) => wraps.get(hash);
  const userState = (user: VectorUser): UserState => known(directory.user(user.userId));
  const pukOf = async (user: VectorUser) => {
    const { kid } = user.device.signing;
    const kemKey = await kemKeyFromSeed(known(kemSeeds.get(kid)));
    return expectOk(await openPuk({ consortiumId, user: userState(user), kid, kemKey, fetchWrap }), "puk");
  };
  const keyringOf = async (user: VectorUser, compId: CompId): Promise<Keyring> => {
    const comp = known(directory.comp(compId));
    return expectOk(await openKeyring({ consortiumId, comp, puk: await pukOf(user), fetchWrap }), "keyring");
  };
  const commit = async (user: VectorUser, compId: CompId, change: Change) => {
    const comp = known(directory.comp(compId));
    const keyring = await keyringOf(user, compId);
    await accept(expectOk(await buildCommit({ ...common(user), comp, keyring }, change), "commit"));
  };

  const cheung = await addUser("cheung");
  const wong = await addUser("wong");
  const ho = await addUser("ho");
  const gateway = await addUser("gateway", "gateway");

  const plan = {
    kind: "case",
    comps: [
      {
        tier: 11,
        members: [
          { userId: cheung.userId, role: "admin" },
          { userId: wong.userId, role: "writer" },
          { userId: gateway.userId, role: "depositor" },
        ],
      },
    ],
  } as const;
  const space = expectOk(await createSpace(common(cheung), plan), "space");
  await accept(space);
  const { spaceId } = space;
  const { compId } = known(space.comps[0]);
  const spaceStatement = async (op: "admin.add" | "admin.remove" | "ban" | "unban", userId: UserId) =>
    acceptLink(await signSpaceStatement(common(cheung), known(directory.space(spaceId)), { op, userId }));

  await commit(cheung, compId, { add: [{ userId: ho.userId, role: "reader" }] });
  await spaceStatement("admin.add", wong.userId);
  const covered = nextMoment();

  const phone = await device("wong/phone");
  const possession = await signPossession({ consortiumId, user: userState(wong), device: phone });
  const request = expectOk(parseDeviceRequest(encodeDeviceRequest(phone, possession)), "request");
  const own = async () => ({ ...common(wong), user: userState(wong), seed: (await pukOf(wong)).seed });
  await accept(await addDevice({ ...(await own()), request, possession }));
  await accept(await revokeDevice({ ...(await own()), kid: phone.signing.kid }));
  await accept(await rotatePuk(await own()));
  await commit(cheung, compId, { refresh: true });

  await spaceStatement("ban", ho.userId);
  await commit(cheung, compId, { rm: [{ userId: ho.userId, code: "left" }] });
  await spaceStatement("unban", ho.userId);
  await spaceStatement("admin.remove", wong.userId);
  await orgStatement({ op: "cred.revoke", userId: ho.userId });
  await orgStatement({ op: "gw.revoke", userId: gateway.userId });

  return {
    ...{ consortiumId, orgId, spaceId, compId, directory, wraps, accepted, signingKeys, kemSeeds, random },
    ...{ logKey, cosignKey, caKey, origin: log.origin, cheung, wong, ho, gateway, phone, possession },
    /** When the gateway, cheung, wong and ho were all members. */
    covered,
    keyringOf,
    nowMs,
  };
}

/** What the world's own history guarantees. */
export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new InvariantError("the vectors' own world is complete");
  return value;
}

function expectId<Id extends ConsortiumId | OrgId>(text: string): Id {
  return known(parseId32<Id>(text));
}
