import {
  type Bytes,
  bytesToId16,
  type CompId,
  type ConsortiumId,
  type Failure,
  marksPut,
  type Oid,
  ok,
  type Random,
  type Result,
  type SpaceId,
  type StreamFromHub,
  type UserId,
} from "@caseroom/contract";
import { type PukRing, sealMark } from "@caseroom/space/secret";
import { type CheckpointRef, createDirectory, type Directory, type ParsedLink } from "@caseroom/space/verify";
import { type AlarmBell, createAlarmBell } from "./alarm-bell.ts";
import { type Blobs, createBlobs } from "./blobs/blobs.ts";
import { createChainSync } from "./chain-sync.ts";
import type { Alarm, ClientEvent, Listener } from "./client-events.ts";
import { type Commits, createCommits } from "./commits.ts";
import type { Compartment } from "./compartment.ts";
import type { DeviceKeys } from "./device-keys.ts";
import type { HubApi } from "./hub-api.ts";
import { type HubStream, type OpenSocket, openHubStream } from "./hub-stream.ts";
import { createKeyOpener } from "./key-opener.ts";
import { createLane } from "./lane.ts";
import { createLogSync } from "./log-sync.ts";
import { openLogWatch } from "./log-watch.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { createSpaceSync, readItems } from "./space-sync.ts";
import type { Store } from "./store/store.ts";
import { createStreamInbox } from "./stream-inbox.ts";

/** The one way in for web app, gateway, command line and outsiders: connect, sync, verify, open, append, subscribe. */
export type Client = {
  readonly userId: UserId;
  readonly directory: Directory;
  readonly outbox: Outbox;
  readonly blobs: Blobs;
  readonly commits: Commits;
  /** Restores what is kept, brings everything up to date, and connects. */
  readonly start: () => Promise<Result<undefined, Failure>>;
  readonly stop: () => Promise<void>;
  /** Calls the listener on every event, each awaited before the next; answers the way to stop. */
  readonly subscribe: (listener: Listener) => () => void;
  /** Everything new of directory and spaces, now. */
  readonly sync: () => Promise<Result<undefined, Failure>>;
  readonly spaces: () => readonly ClientSpace[];
  readonly compartment: (compId: CompId) => Compartment | undefined;
  /** Tells the other readers how far this device has received and its person has read. */
  readonly mark: (compId: CompId, position: { readonly delivered: number; readonly read: number }) => Promise<void>;
  readonly puk: () => Promise<PukRing | undefined>;
  /** The newest checkpoint that this device has accepted. */
  readonly checkpoint: () => CheckpointRef;
  readonly alarms: () => readonly Alarm[];
  readonly bell: AlarmBell;
};

/** A chart or a case, as far as this device may see into it. */
export type ClientSpace = {
  readonly spaceId: SpaceId;
  readonly kind: "chart" | "case" | undefined;
  readonly comps: readonly Compartment[];
  /** Its compartment of one of the TIERS; `undefined` when there is none, or not for this device. */
  readonly comp: (tier: number) => Compartment | undefined;
};

export type ClientOptions = {
  readonly api: HubApi;
  readonly store: Store;
  readonly keys: DeviceKeys;
  readonly userId: UserId;
  /** The anchor of trust: everything else is proven from here. */
  readonly consortiumId: ConsortiumId;
  readonly token: () => string | undefined;
  readonly openSocket: OpenSocket;
  readonly nowMs: () => number;
  readonly random: Random;
  /** `memory`: opened entries live in memory, so a restart opens the stored feed again. `kept`: the listener keeps what it is given. */
  readonly openedEntries: "memory" | "kept";
  /** Opened segments of blobs, 256 KiB each, that stay in memory; 128 unless told otherwise. */
  readonly cachedSegments?: number;
};

const CACHED_SEGMENTS = 128;

export async function createClient(options: ClientOptions): Promise<Client> {
  const { api, store, keys, userId, consortiumId, nowMs, random } = options;
  const listeners = new Set<Listener>();
  const emit: Listener = async (event: ClientEvent) => {
    for (const listener of listeners) await listener(event);
  };
  const directory = createDirectory();
  const bell = createAlarmBell({ store, nowMs, emit });
  const log = await openLogWatch({ api, store, nowMs, keys: () => directory.consortium()?.log });
  const sawLink = (link: ParsedLink) => logSync.sawLink(link);
  const chains = createChainSync({ api, store, directory, log, bell, consortiumId, sawLink });
  const lane = createLane();
  const { puk, fetchWrap, hubAnswers } = createKeyOpener({ api, store, directory, bell, keys, userId, consortiumId });
  const { openedEntries } = options;
  const spaces = createSpaceSync({
    api,
    store,
    directory,
    chains,
    log,
    bell,
    emit,
    nowMs,
    puk,
    fetchWrap,
    hubAnswers,
    userId,
    openedEntries,
  });
  const { compartment } = spaces;
  const logSync = createLogSync({ log, chains, bell, lane, userId, compartment, syncFeed: spaces.syncFeed });
  listeners.add(logSync.listener);
  let stream: HubStream | undefined;

  const followAll = () => {
    stream?.follow([...spaces.compartments()].map((one) => ({ compId: one.compId, from: one.nextN() })));
  };

  const syncDirectory = async (): Promise<Result<undefined, Failure>> => {
    const synced = await chains.syncDirectory();
    if (synced.ok) await emit({ type: "directory" });
    return synced;
  };

  const syncAll = async (): Promise<Result<undefined, Failure>> => {
    const synced = await syncDirectory();
    if (!synced.ok) return synced;
    const spacesSynced = await spaces.syncSpaces();
    if (!spacesSynced.ok) return spacesSynced;
    await logSync.sync([...spaces.compartments()].map((one) => one.compId));
    followAll();
    return ok();
  };

  const onFeed = async (message: Extract<StreamFromHub, { readonly type: "feed" }>, parts: readonly Bytes[]) => {
    const found = compartment(message.compId);
    if (found === undefined) return;
    const items = readItems(message.items, parts);
    if ((items[0]?.n ?? 0) > found.nextN()) await spaces.syncFeed(found);
    else await found.receive(items);
    logSync.schedule(message.compId);
  };

  const onMessage = async (message: StreamFromHub, parts: readonly Bytes[]): Promise<void> => {
    switch (message.type) {
      case "feed":
        return onFeed(message, parts);
      case "mark":
        if (parts[0] !== undefined) await compartment(message.compId)?.receiveMark(parts[0]);
        return;
      case "leaves":
        return logSync.schedule(message.compId);
      case "chain":
        await syncDirectory();
        return;
      case "space":
        await syncDirectory();
        await spaces.syncSpaces();
        return followAll();
      case "refused": {
        const found = compartment(message.compId);
        if (found !== undefined) await emit({ type: "removed", spaceId: found.spaceId, compId: message.compId });
        return;
      }
      case "device-request":
        await emit({ type: "device-request" });
        return;
      case "pong":
    }
  };

  const refresh = (compIds: readonly CompId[]): Promise<void> =>
    lane.run(async () => {
      await chains.syncDirectory();
      for (const compId of compIds) {
        const found = compartment(compId);
        if (found !== undefined) await spaces.syncFeed(found);
      }
    });

  const common = { api, keys, userId, consortiumId, random, nowMs, compartment, cp: () => log.accepted() };
  const outbox = createOutbox({
    ...common,
    store,
    refresh: (compId) => refresh([compId]),
    onChange: (compId) => void emit({ type: "outbox", compId }),
  });
  const commits = createCommits({ ...common, directory, refresh });
  const blobs = createBlobs({ ...common, cachedSegments: options.cachedSegments ?? CACHED_SEGMENTS });

  const onOpen = async () => {
    await emit({ type: "connection", state: "online" });
    await syncAll();
    outbox.flush();
  };
  const inbox = createStreamInbox();
  const takeNext = async (): Promise<void> => {
    const next = inbox.take();
    if (next !== undefined) await onMessage(next.message, next.parts);
  };
  const connect = () => {
    void emit({ type: "connection", state: "connecting" });
    stream = openHubStream(
      { baseUrl: api.baseUrl, token: options.token, openSocket: options.openSocket },
      {
        onMessage: (message, parts) => {
          inbox.put(message, parts);
          void lane.run(takeNext);
        },
        onOpen: () => void lane.run(onOpen),
        onClose: () => void emit({ type: "connection", state: "offline" }),
      },
    );
  };

  const mark: Client["mark"] = async (compId, { delivered, read }) => {
    const found = compartment(compId);
    const keyring = await found?.ensureKeyring();
    const oid = bytesToId16<Oid>(random(16));
    if (found === undefined || keyring === undefined || oid === undefined) return;
    const place = { consortiumId, spaceId: found.spaceId, compId };
    const word = { author: userId, delivered, read, t: nowMs() };
    const sealed = await sealMark({ place, oid, mark: word, signing: keys.signing, to: { keyring }, random });
    if (sealed.ok) await api.call(marksPut, { params: { compId }, raw: sealed.value });
  };

  return {
    userId,
    directory,
    outbox,
    blobs,
    commits,
    bell,
    puk,
    compartment,
    mark,
    checkpoint: () => log.accepted(),
    alarms: bell.alarms,
    start: async () => {
      const started = await lane.run(async () => {
        await chains.restore();
        await spaces.restore();
        return syncAll();
      });
      await outbox.restore();
      connect();
      return started;
    },
    stop: async () => {
      stream?.close();
      outbox.stop();
      logSync.stop();
      await lane.idle();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sync: () => lane.run(syncAll),
    spaces: () =>
      [...spaces.spaceIds()].map((spaceId) => {
        const comps = [...spaces.compartments()].filter((one) => one.spaceId === spaceId);
        const comp = (tier: number) => comps.find((one) => one.state()?.tier === tier);
        return { spaceId, kind: directory.space(spaceId)?.kind, comps, comp };
      }),
  };
}
