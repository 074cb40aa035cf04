import { randomBytes, scryptSync } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beginSignIn, createHubApi, finishSignIn, type HubApi } from "@caseroom/client";
import {
  accountsCreate,
  type Bytes,
  bytesToBase64url,
  bytesToId16,
  type CompId,
  type ConsortiumId,
  type Digest,
  entriesAppend,
  expectOk,
  type Failure,
  linksAppend,
  metaGet,
  type Oid,
  ok,
  parseId32,
  type Result,
  type SpaceId,
  systemRandom,
  type UserId,
  utf8ToBytes,
  wrapsGet,
} from "@caseroom/contract";
import { type KemKey, kemKeyFromSeed } from "@caseroom/crypto/secret";
import { signingKeyFromSeed } from "@caseroom/crypto/sign";
import { createHub, type Hub, logOptions } from "@caseroom/hub";
import type { Sql } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import {
  buildCommit,
  type Change,
  createSpace,
  createUser,
  type Draft,
  NOTHING_SEEN,
  type OrgStatement,
  type OwnDevice,
  openKeyring,
  openPuk,
  rotatePuk,
  sealEntry,
  signConsortiumGenesis,
  signOrgAdmission,
  signOrgGenesis,
  signOrgStatement,
} from "@caseroom/space/secret";
import { signTicket } from "@caseroom/space/sign";
import { applyBatch, createDirectory, parseEnvelope, type Role } from "@caseroom/space/verify";
import { generate } from "otplib";

/** A hub on a real PostgreSQL with people who sign and seal for themselves. It knows nothing but what it answers over HTTP. */
export type TestHub = Awaited<ReturnType<typeof startTestHub>>;
export type TestPerson = {
  readonly userId: UserId;
  readonly device: OwnDevice;
  readonly kemKey: KemKey;
  readonly login: string;
  readonly api: HubApi;
  token: string;
};
export type Room = { readonly spaceId: SpaceId; readonly compId: CompId };

export const PASSWORD = "correct horse battery staple";
export const TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const BOOTSTRAP = "bootstrap-token-of-the-test";
const STEP_MS = 30_000;

export async function startTestHub() {
  const postgres = await startPostgresForTesting();
  const dataDir = join(postgres.folder, "hub");
  await mkdir(dataDir);
  const logLines: string[] = [];
  let skewMs = 0;
  const clock = { nowMs: () => Date.now() + skewMs };
  let hub: Hub;
  let baseUrl = "";

  const boot = async (sql: Sql = postgres.sql, movedTo?: string): Promise<void> => {
    const port = baseUrl === "" ? 20_000 + randomBytes(2).readUInt16BE() / 3 : Number(new URL(baseUrl).port);
    const publicUrl = movedTo ?? `http://127.0.0.1:${Math.floor(port)}`;
    const logger = logOptions("debug", { write: (line) => void logLines.push(line) });
    hub = await createHub({
      ...{ sql, clock, random: systemRandom, dataDir, publicUrl, logger },
      bootstrapToken: BOOTSTRAP,
      allowedOrigins: ["http://gateway.test"],
      maxRequestsPerMinute: 1_000_000,
    });
    baseUrl = `http://127.0.0.1:${Math.floor(port)}`;
    await hub.start({ host: "127.0.0.1", port: Math.floor(port) });
  };
  await boot();

  const apiOf = (bearer: () => string | undefined): HubApi => createHubApi({ baseUrl, fetch, token: bearer });
  const anonymous = apiOf(() => undefined);
  const directory = createDirectory();

  const post = async (
    draft: Pick<Draft, "links" | "wraps">,
    options: { readonly api?: HubApi; readonly ticket?: Bytes } = {},
  ): Promise<Result<undefined, Failure>> => {
    const reply = await (options.api ?? anonymous).call(linksAppend, {
      head: {
        links: draft.links.length,
        wraps: draft.wraps.length,
        ...(options.ticket === undefined ? {} : { ticket: bytesToBase64url(options.ticket) }),
      },
      parts: [...draft.links.map((link) => link.bytes), ...draft.wraps],
    });
    if (!reply.ok) return reply;
    const dated = draft.links.map((link, i) => {
      const placed = reply.value.head.links[i];
      if (placed === undefined) throw new Error("every link has its place");
      return { link, at: { index: placed.logIndex, ts: placed.ts } };
    });
    const layer = expectOk(await applyBatch(directory, dated), "the hub accepted it, so everybody does");
    for (const state of layer.states()) directory.set(state);
    return ok();
  };
  const bootstrap = { ticket: utf8ToBytes(BOOTSTRAP) };
  const found = async (draft: Pick<Draft, "links" | "wraps">) => expectOk(await post(draft, bootstrap), "bootstrap");

  const meta = expectOk(await anonymous.call(metaGet, {}), "meta").head;
  const rootKey = await signingKeyFromSeed(systemRandom(32));
  const caKey = await signingKeyFromSeed(systemRandom(32));
  const log = { origin: meta.origin, logKey: meta.logKey, cosignKey: meta.cosignKey };
  const nowMs = clock.nowMs();
  const genesis = await signConsortiumGenesis({ rootKeys: [rootKey], k: 1, log, nowMs });
  await found({ links: [genesis], wraps: [] });
  const consortiumId = present(parseId32<ConsortiumId>(genesis.chainId));
  const orgGenesis = await signOrgGenesis({ consortiumId, caKey, nowMs });
  await found({ links: [orgGenesis], wraps: [] });
  const consortium = present(directory.consortium());
  const orgId = present([...directory.orgs()][0]).id;
  const admission = { consortium, rootKeys: [rootKey], orgId, name: "Harbour General", nowMs };
  await found({ links: [await signOrgAdmission(admission)], wraps: [] });

  const signForOrg = async (statement: OrgStatement): Promise<void> => {
    const state = present(directory.org(orgId));
    const link = await signOrgStatement({ consortiumId, caKey, org: state, statement, nowMs: clock.nowMs() });
    await found({ links: [link], wraps: [] });
  };

  const newUser = async (kind: "person" | "gateway") => {
    const kemKey = await kemKeyFromSeed(systemRandom(32));
    const signing = await signingKeyFromSeed(systemRandom(32));
    const device: OwnDevice = { signing, kemPublicKey: kemKey.publicKey, kind: "browser" };
    const draft = await createUser({ consortiumId, kind, device, nowMs: clock.nowMs(), random: systemRandom });
    return { device, kemKey, draft, userId: draft.userId };
  };

  const enter = async (person: TestPerson, who: Parameters<typeof beginSignIn>[1]): Promise<void> => {
    const begun = expectOk(await beginSignIn(anonymous, who), "begin");
    const session = await finishSignIn(anonymous, { begun, signing: person.device.signing, consortiumId });
    person.token = expectOk(session, "finish").token;
  };

  const personOf = (user: Awaited<ReturnType<typeof newUser>>, login: string): TestPerson => {
    const person: TestPerson = {
      userId: user.userId,
      device: user.device,
      kemKey: user.kemKey,
      login,
      token: "",
      api: apiOf(() => person.token),
    };
    return person;
  };

  const gatewayUser = await newUser("gateway");
  await found(gatewayUser.draft);
  await signForOrg({ op: "gw.add", userId: gatewayUser.userId, name: "Gateway" });
  const gateway = personOf(gatewayUser, "gateway");
  await enter(gateway, { kid: gateway.device.signing.kid });

  const ticketFor = (userId: UserId, exp: number) =>
    signTicket({ key: caKey, consortiumId }, { userId, orgId, staffId: "ticket", exp });

  const addAccount = async (login: string, password = PASSWORD): Promise<void> => {
    const account = { login, staffId: login, name: `Dr ${login}`, role: "attending", totpSecret: TOTP_SECRET };
    const head = { ...account, passwordHash: hashPassword(password), specialty: "cardiology" };
    expectOk(await gateway.api.call(accountsCreate, { head }), "account");
  };

  const addPerson = async (login: string): Promise<TestPerson> => {
    await addAccount(login);
    const user = await newUser("person");
    expectOk(await post(user.draft, { ticket: await ticketFor(user.userId, clock.nowMs() + 60_000) }), "enrolment");
    await signForOrg({ op: "cred.issue", userId: user.userId, staffId: login, name: `Dr ${login}`, role: "attending" });
    const person = personOf(user, login);
    await enter(person, { login, password: PASSWORD, code: await codeNow() });
    return person;
  };
  const codeNow = (aheadSteps = 0) =>
    generate({ secret: TOTP_SECRET, epoch: Math.floor((clock.nowMs() + aheadSteps * STEP_MS) / 1000) });

  const common = (person: TestPerson) => ({
    ...{ consortiumId, view: directory, signing: person.device.signing, cp: NOTHING_SEEN },
    nowMs: clock.nowMs(),
    random: systemRandom,
  });

  const draftRoom = async (founder: TestPerson, members: readonly { user: TestPerson; role: Role }[]) => {
    const comp = { tier: 11, members: members.map(({ user, role }) => ({ userId: user.userId, role })) };
    const input = { ...common(founder), userId: founder.userId };
    return expectOk(await createSpace(input, { kind: "case", comps: [comp] }), "space");
  };
  const createRoom = async (founder: TestPerson, members: readonly { user: TestPerson; role: Role }[] = []) => {
    const draft = await draftRoom(founder, members);
    expectOk(await post(draft, { api: founder.api }), "room");
    return { spaceId: draft.spaceId, compId: present(draft.comps[0]).compId };
  };

  const pukOf = async (person: TestPerson) => {
    const fetchWrap = async (hash: Digest) =>
      expectOk(await person.api.call(wrapsGet, { head: { hashes: [hash] } }), "wrap").parts[0];
    const user = present(directory.user(person.userId));
    const { kid } = person.device.signing;
    return expectOk(await openPuk({ consortiumId, user, kid, kemKey: person.kemKey, fetchWrap }), "puk");
  };
  /** New keys for a person's devices. */
  const rotate = async (person: TestPerson) => {
    const user = present(directory.user(person.userId));
    const { seed } = await pukOf(person);
    const draft = await rotatePuk({ ...common(person), user, seed });
    return post(draft, { api: person.api });
  };

  const keyringOf = async (person: TestPerson, { compId }: Room) => {
    const fetchWrap = async (hash: Digest) =>
      expectOk(await person.api.call(wrapsGet, { head: { hashes: [hash] } }), "wrap").parts[0];
    const input = { consortiumId, comp: present(directory.comp(compId)), puk: await pukOf(person), fetchWrap };
    return expectOk(await openKeyring(input), "keyring");
  };

  const draftCommit = async (person: TestPerson, room: Room, change: Change): Promise<Draft> => {
    const comp = present(directory.comp(room.compId));
    const keyring = await keyringOf(person, room);
    return expectOk(await buildCommit({ ...common(person), comp, keyring }, change), "commit");
  };
  const commit = async (person: TestPerson, room: Room, change: Change) =>
    post(await draftCommit(person, room, change), { api: person.api });

  /** A sealed chat entry under the present epoch. The content's own counters do not matter to a hub. */
  const seal = async (person: TestPerson, room: Room, text: string): Promise<Sealed> => {
    const comp = present(directory.comp(room.compId));
    const oid = present(bytesToId16<Oid>(systemRandom(16)));
    const see = { n: comp.head.n, hash: systemRandom(32), feedN: 0, feedHead: systemRandom(32) };
    const content = { author: person.userId, as: 1, ap: null, see, cp: NOTHING_SEEN, t: clock.nowMs() };
    const sealed = await sealEntry({
      place: { consortiumId, ...room },
      oid,
      content: { ...content, kind: "chat", role: "writer", body: new Map([["text", text]]) },
      signing: person.device.signing,
      to: { keyring: await keyringOf(person, room) },
      random: systemRandom,
    });
    return { oid, envelope: expectOk(sealed, "seal").envelope };
  };

  const append = async (person: TestPerson, room: Room, sealed: readonly Sealed[], blobs?: readonly string[]) => {
    const entries = sealed.map(({ oid }) => ({ oid, ...(blobs === undefined ? {} : { blobs: [...blobs] }) }));
    const parts = sealed.map(({ envelope }) => envelope);
    const reply = await person.api.call(entriesAppend, {
      params: { compId: room.compId },
      head: { entries },
      parts,
    });
    return reply.ok ? ok(reply.value.head) : reply;
  };

  return {
    sql: postgres.sql,
    dataDir,
    logLines,
    consortiumId,
    directory,
    anonymous,
    gateway,
    baseUrl,
    app: () => hub.app,
    post,
    newUser,
    ticketFor,
    signForOrg,
    addAccount,
    addPerson,
    enter,
    codeNow,
    createRoom,
    rotate,
    draftRoom,
    draftCommit,
    commit,
    seal,
    append,
    passMs: (ms: number) => {
      skewMs += ms;
    },
    /** Stops and starts, with the same database, keys and address. */
    restart: async (between?: () => Promise<void>) => {
      await hub.stop();
      await between?.();
      await boot();
    },
    /** The same hub, known by another address from now on. */
    moveTo: async (publicUrl: string) => {
      await hub.stop();
      await boot(postgres.sql, publicUrl);
    },
    stop: async () => {
      await hub.stop();
      await postgres.stop();
    },
  };
}

export type Sealed = { readonly oid: Oid; readonly envelope: Bytes };

export function hashOf(sealed: Sealed): Digest {
  return expectOk(parseEnvelope(sealed.envelope), "envelope").hash;
}

export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
}

function hashPassword(password: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N: 16_384, r: 8, p: 1 });
  return `scrypt$16384$8$1$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}
