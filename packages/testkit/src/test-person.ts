import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Client,
  type ClientEvent,
  type Compartment,
  createClient,
  createGatewayApi,
  createHubApi,
  createMemoryStore,
  type DeviceHome,
  type DeviceKeys,
  type DeviceVault,
  encodeChat,
  type HubApi,
  keysFromSeeds,
  parseChat,
  parseFhirBody,
  type ReceivedEntry,
  SEED_VAULT_BYTES,
  type Session,
  type Store,
  signIn,
} from "@caseroom/client";
import {
  type Bytes,
  type CompId,
  type ConsortiumId,
  expectOk,
  InvariantError,
  ok,
  systemRandom,
  TIERS,
  toBytes,
} from "@caseroom/contract";
import { WebSocket } from "ws";
import { type DemoWorld, gatewayOf } from "./demo-world.ts";
import { freshCode } from "./one-time-codes.ts";

/** A member of staff with a device of their own, as a program: the same client that the web app runs. */
export type TestPerson = {
  readonly login: string;
  readonly client: Client;
  readonly api: HubApi;
  readonly keys: DeviceKeys;
  readonly store: Store;
  readonly entries: () => readonly ReceivedEntry[];
  readonly events: () => readonly ClientEvent[];
  /** Resolves with the first entry that fits, now or later. */
  readonly awaitEntry: (fits: (entry: ReceivedEntry) => boolean, timeoutMs?: number) => Promise<ReceivedEntry>;
  /** The room of the one case that the person is in, when they are in. */
  readonly awaitRoom: (timeoutMs?: number) => Promise<Compartment>;
  readonly say: (room: CompId, text: string) => Promise<void>;
  /** The same device starting anew: nothing kept unless a store is given, and by another way to the hub if one is. */
  readonly again: (options?: Omit<SignInOptions, "keys">) => Promise<TestPerson>;
  readonly stop: () => Promise<void>;
};

const WAIT_MS = 30_000;
const INSTITUTIONS = 3;

export type SignInOptions = {
  /** Where the hub is reached: a recording or lying proxy in front of it, when given. */
  readonly hubUrl?: string;
  readonly keys?: DeviceKeys;
  readonly store?: Store;
  /** The device's clock; the present when not given. */
  readonly nowMs?: () => number;
};

/** Signs a person of the demo world in with a new device, enrolling it at their gateway when it is their first. */
export async function signInPerson(world: DemoWorld, login: string, options: SignInOptions = {}): Promise<TestPerson> {
  const person = world.people.find((one) => one.login === login);
  if (person === undefined) throw new InvariantError(`nobody signs in as ${login}`);
  const gateway = createGatewayApi({ origin: gatewayOf(world, person.gateway).url, fetch });
  const config = expectOk(await gateway.config(), "the gateway's anchors");
  const keys = options.keys ?? (await keysFromSeeds(keptSeeds(world, login), "test", systemRandom));
  // The audience of a session is the hub itself, whoever stands in between.
  const api = createHubApi({ baseUrl: config.hubUrl, fetch, token: () => undefined });
  const form = { login, password: person.password, code: await freshCode(world, login) };
  const deps = { api, gateway, config, home: homeOf(keys), nowMs: () => Date.now(), random: systemRandom };
  const attempt = expectOk(await signIn(deps, form), "signing in");
  const device = attempt.outcome.status === "ready" ? await attempt.device(() => true) : undefined;
  if (device === undefined) throw new InvariantError(`${login} has another device already`);
  const { session } = device;
  return openPerson({ login, keys, session, consortiumId: config.consortiumId, hubUrl: config.hubUrl }, options);
}

/** A device whose keys somebody else keeps. */
function homeOf(keys: DeviceKeys): DeviceHome {
  const vault: DeviceVault = {
    load: async () => keys,
    create: async () => ok(keys),
    clear: async () => undefined,
    close: () => undefined,
  };
  return { openVault: async () => vault, openStore: async () => ok(createMemoryStore()) };
}

type OwnDevice = {
  readonly login: string;
  readonly keys: DeviceKeys;
  readonly session: Session;
  readonly consortiumId: ConsortiumId;
  readonly hubUrl: string;
};

async function openPerson(device: OwnDevice, options: Omit<SignInOptions, "keys">): Promise<TestPerson> {
  const { login, keys, session } = device;
  const token = () => session.token;
  const api = createHubApi({ baseUrl: options.hubUrl ?? device.hubUrl, fetch, token });
  const store = options.store ?? createMemoryStore();
  const client = await createClient({
    api,
    store,
    keys,
    userId: session.userId,
    consortiumId: device.consortiumId,
    token,
    openSocket: (url, protocols) => new WebSocket(url, protocols),
    nowMs: options.nowMs ?? (() => Date.now()),
    random: systemRandom,
    openedEntries: "memory",
  });
  const received: ReceivedEntry[] = [];
  const events: ClientEvent[] = [];
  client.subscribe((event) => {
    events.push(event);
    if (event.type === "entries") received.push(...event.entries);
  });
  await client.start();

  const awaitEntry: TestPerson["awaitEntry"] = (fits, timeoutMs = WAIT_MS) =>
    until(() => received.find(fits), timeoutMs, "the entry did not arrive");
  return {
    login,
    client,
    api,
    keys,
    store,
    entries: () => received,
    events: () => events,
    awaitEntry,
    awaitRoom: (timeoutMs = WAIT_MS) => until(() => roomOf(client), timeoutMs, `${login} is in no room`),
    say: async (room, text) => {
      const sent = await client.outbox.append(room, { kind: "chat", body: encodeChat({ text }) });
      expectOk(await sent.accepted, "sending");
    },
    again: (other = {}) => openPerson(device, other),
    stop: () => client.stop(),
  };
}

/** The device of a person in this world: the same in every test that signs them in. */
function keptSeeds(world: DemoWorld, login: string): Bytes {
  const folder = join(world.folder, "devices");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, login);
  if (!existsSync(path)) writeFileSync(path, systemRandom(SEED_VAULT_BYTES), { mode: 0o600 });
  return toBytes(readFileSync(path));
}

/** Polls for what comes by itself; throws when it does not. */
export async function until<T>(look: () => T | undefined, timeoutMs: number, otherwise: string): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new InvariantError(otherwise);
    await sleep(10);
  }
}

/** The room of the seeded case, whatever other tests have founded since: all three institutions are in it. */
function roomOf(client: Client): Compartment | undefined {
  return client
    .spaces()
    .flatMap((space) => space.comps)
    .find((one) => {
      const members = [...(one.state()?.members.keys() ?? [])];
      const gateways = members.filter((userId) => client.directory.user(userId)?.kind === "gateway");
      return one.state()?.tier === TIERS.room && members.includes(client.userId) && gateways.length === INSTITUTIONS;
    });
}

/** The text of a chat entry; `undefined` for another kind. */
export function chatText(received: ReceivedEntry): string | undefined {
  return received.entry.kind === "chat" ? parseChat(received.entry.body)?.text : undefined;
}

/** The FHIR fragments of an entry, as text. */
export function fragmentsOf(received: ReceivedEntry): readonly string[] {
  return received.entry.kind === "fhir" ? (parseFhirBody(received.entry.body) ?? []) : [];
}
