import { beginSignIn, createHubApi, finishSignIn, type HubApi } from "@caseroom/client";
import {
  type Bytes,
  bytesToBase64url,
  bytesToId16,
  type CompId,
  type ConsortiumId,
  type Digest,
  expectOk,
  InvariantError,
  linksAppend,
  metaGet,
  type Oid,
  parseId32,
  type SpaceId,
  systemRandom,
  type UserId,
  utf8ToBytes,
  wrapsGet,
} from "@caseroom/contract";
import { type KemKey, kemKeyFromSeed } from "@caseroom/crypto/secret";
import { type SigningKey, signingKeyFromSeed } from "@caseroom/crypto/sign";
import { EMPTY_ROOT } from "@caseroom/crypto/verify";
import {
  createSpace,
  createUser,
  type Draft,
  NOTHING_SEEN,
  openKeyring,
  openPuk,
  sealEntry,
  signConsortiumGenesis,
  signOrgAdmission,
  signOrgGenesis,
  signOrgStatement,
} from "@caseroom/space/secret";
import { applyBatch, createDirectory } from "@caseroom/space/verify";

/** A sender with a device, a session and a room. Senders are gateways, which sign in by their device alone. */
export type Sender = {
  readonly userId: UserId;
  readonly signing: SigningKey;
  readonly kemKey: KemKey;
  readonly token: string;
};
export type Room = { readonly spaceId: SpaceId; readonly compId: CompId };
export type SealedTemplate = { readonly oid: Oid; readonly envelope: Bytes };

/** Founds a consortium with one institution on an empty hub. */
export async function foundInstitution(hubUrl: string, bootstrapToken: string) {
  const directory = createDirectory();
  const apiOf = (token?: string): HubApi => createHubApi({ baseUrl: hubUrl, fetch, token: () => token });
  const anonymous = apiOf();
  const post = async (draft: Pick<Draft, "links" | "wraps">, token?: string): Promise<void> => {
    const ticket = token === undefined ? { ticket: bytesToBase64url(utf8ToBytes(bootstrapToken)) } : {};
    const reply = await apiOf(token).call(linksAppend, {
      head: { links: draft.links.length, wraps: draft.wraps.length, ...ticket },
      parts: [...draft.links.map((link) => link.bytes), ...draft.wraps],
    });
    const places = expectOk(reply, "links").head.links;
    const dated = draft.links.map((link, i) => {
      const { logIndex, ts } = present(places[i]);
      return { link, at: { index: logIndex, ts } };
    });
    const layer = expectOk(await applyBatch(directory, dated), "the hub accepted it, so everybody does");
    for (const state of layer.states()) directory.set(state);
  };
  const foundBy = (link: Draft["links"][number]) => post({ links: [link], wraps: [] });

  const { origin, logKey, cosignKey } = expectOk(await anonymous.call(metaGet, {}), "meta").head;
  const rootKey = await signingKeyFromSeed(systemRandom(32));
  const caKey = await signingKeyFromSeed(systemRandom(32));
  const log = { origin, logKey, cosignKey };
  const genesis = await signConsortiumGenesis({ rootKeys: [rootKey], k: 1, log, nowMs: Date.now() });
  await foundBy(genesis);
  const consortiumId = present(parseId32<ConsortiumId>(genesis.chainId));
  await foundBy(await signOrgGenesis({ consortiumId, caKey, nowMs: Date.now() }));
  const orgId = present([...directory.orgs()][0]).id;
  const consortium = present(directory.consortium());
  const admission = { consortium, rootKeys: [rootKey], orgId, name: "Harbour General", nowMs: Date.now() };
  await foundBy(await signOrgAdmission(admission));

  const addSender = async (name: string): Promise<Sender> => {
    const signing = await signingKeyFromSeed(systemRandom(32));
    const kemKey = await kemKeyFromSeed(systemRandom(32));
    const device = { signing, kemPublicKey: kemKey.publicKey, kind: "gateway" as const };
    const user = await createUser({ consortiumId, kind: "gateway", device, nowMs: Date.now(), random: systemRandom });
    await post(user);
    const org = present(directory.org(orgId));
    const statement = { op: "gw.add", userId: user.userId, name } as const;
    await foundBy(await signOrgStatement({ consortiumId, caKey, org, statement, nowMs: Date.now() }));
    const begun = expectOk(await beginSignIn(anonymous, { kid: signing.kid }), "begin");
    const { token } = expectOk(await finishSignIn(anonymous, { begun, signing, consortiumId }), "finish");
    return { userId: user.userId, signing, kemKey, token };
  };

  const createRoom = async (founder: Sender, others: readonly Sender[]): Promise<Room> => {
    const { signing, userId } = founder;
    const common = { consortiumId, view: directory, signing, cp: NOTHING_SEEN, nowMs: Date.now() };
    const members = others.map((one) => ({ userId: one.userId, role: "writer" as const }));
    const plan = { kind: "case" as const, comps: [{ tier: 11, members }] };
    const space = expectOk(await createSpace({ ...common, random: systemRandom, userId }, plan), "space");
    await post(space, founder.token);
    return { spaceId: space.spaceId, compId: present(space.comps[0]).compId };
  };

  /** Chat entries under the room's present epoch. */
  const seal = async (author: Sender, room: Room, text: string, count: number): Promise<readonly SealedTemplate[]> => {
    const fetchWrap = async (hash: Digest) =>
      expectOk(await apiOf(author.token).call(wrapsGet, { head: { hashes: [hash] } }), "wrap").parts[0];
    const { userId, kemKey, signing } = author;
    const user = present(directory.user(userId));
    const puk = expectOk(await openPuk({ consortiumId, user, kid: signing.kid, kemKey, fetchWrap }), "puk");
    const comp = present(directory.comp(room.compId));
    const keyring = expectOk(await openKeyring({ consortiumId, comp, puk, fetchWrap }), "keyring");
    const see = { n: comp.head.n, hash: EMPTY_ROOT, feedN: 0, feedHead: EMPTY_ROOT };
    const content = { author: userId, as: 1, ap: null, see, cp: NOTHING_SEEN, t: Date.now(), kind: "chat" };
    return Promise.all(
      Array.from({ length: count }, async () => {
        const oid = present(bytesToId16<Oid>(systemRandom(16)));
        const sealed = await sealEntry({
          place: { consortiumId, ...room },
          oid,
          content: { ...content, role: "writer", body: new Map([["text", text]]) },
          signing,
          to: { keyring },
          random: systemRandom,
        });
        return { oid, envelope: expectOk(sealed, "seal").envelope };
      }),
    );
  };

  return { addSender, createRoom, seal };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new InvariantError("missing");
  return value;
}
