import {
  type Bytes,
  bytesToId16,
  type CompId,
  type ConsortiumId,
  type Digest,
  entriesList,
  type Failure,
  failure,
  marksList,
  marksPut,
  type Oid,
  ok,
  type Random,
  type Result,
  type SpaceId,
  type StreamFromHub,
  spacesList,
  type UserId,
  wrapsGet,
} from "@caseroom/contract";
import { digestOf } from "@caseroom/crypto/verify";
import { openPuk, type PukRing, sealMark } from "@caseroom/space/secret";
import { type CheckpointRef, createDirectory, type Directory, mayRead } from "@caseroom/space/verify";
import { type AlarmBell, createAlarmBell } from "./alarm-bell.ts";
import { createChainSync } from "./chain-sync.ts";
import type { Alarm, ClientEvent, Listener } from "./client-events.ts";
import { type Commits, createCommits } from "./commits.ts";
import { type Compartment, type FeedItem, openCompartment } from "./compartment.ts";
import type { DeviceKeys } from "./device-keys.ts";
import type { HubApi } from "./hub-api.ts";
import { type HubStream, type OpenSocket, openHubStream } from "./hub-stream.ts";
import { createLane } from "./lane.ts";
import { openLogWatch } from "./log-watch.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import type { Store } from "./store/store.ts";
import { parseProgress } from "./stored-records.ts";

/** The one way in for web app, gateway, command line and outsiders: connect, sync, verify, open, append, subscribe. */
export type Client = {
  readonly userId: UserId;
  readonly directory: Directory;
  readonly outbox: Outbox;
  readonly commits: Commits;
  /** Restores what is kept, connects, and brings everything up to date. */
  readonly start: () => Promise<Result<undefined, Failure>>;
  readonly stop: () => Promise<void>;
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

export type ClientSpace = { readonly spaceId: SpaceId; readonly comps: readonly Compartment[] };

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
};

const LEAF_SYNC_MS = 500;
const PAGE = 512;

export async function createClient(options: ClientOptions): Promise<Client> {
  const { api, store, keys, userId, consortiumId, nowMs, random } = options;
  const listeners = new Set<Listener>();
  const emit: Listener = async (event: ClientEvent) => {
    for (const listener of listeners) await listener(event);
  };
  const directory = createDirectory();
  const bell = createAlarmBell({ store, nowMs, emit });
  const log = await openLogWatch({ api, store, nowMs, keys: () => directory.consortium()?.log });
  const chains = createChainSync({ api, store, directory, log, bell, consortiumId });
  const lane = createLane();
  const compartments = new Map<CompId, Compartment>();
  const spaceIds = new Set<SpaceId>();
  let stream: HubStream | undefined;
  let ring: PukRing | undefined;
  let leafTimer: ReturnType<typeof setTimeout> | undefined;
  let leavesDue = new Set<CompId>();
  const foreign = new Map<string, { readonly size: number; readonly root: Bytes }>();

  const fetchWrap = async (hash: Digest): Promise<Bytes | undefined> => {
    const kept = await store.get("wrap", hash);
    if (kept !== undefined) return kept;
    const reply = await api.call(wrapsGet, { head: { hashes: [hash] } });
    const wrap = reply.ok ? reply.value.parts[0] : undefined;
    // Named by its hash in a signed link: the hub cannot hand out another one.
    if (wrap === undefined || wrap.length === 0 || digestOf(wrap) !== hash) return undefined;
    await store.write([{ table: "wrap", key: hash, value: wrap }]);
    return wrap;
  };

  const puk = async (): Promise<PukRing | undefined> => {
    const user = directory.user(userId);
    if (user === undefined) return undefined;
    if (ring !== undefined && ring.g === user.puks.at(-1)?.g) return ring;
    const opened = await openPuk({ consortiumId, user, kid: keys.signing.kid, kemKey: keys.kem, fetchWrap });
    if (opened.ok) ring = opened.value;
    else await bell.ring(opened.error, {});
    return ring;
  };

  const deps = { api, store, directory, chains, log, bell, emit, nowMs, puk, fetchWrap };

  const follow = async (spaceId: SpaceId, compId: CompId): Promise<Compartment> => {
    const found = compartments.get(compId);
    if (found !== undefined) return found;
    const kept = options.openedEntries === "kept" ? await store.get("opened", compId) : undefined;
    const compartment = openCompartment(
      deps,
      { spaceId, compId },
      kept === undefined ? undefined : parseProgress(kept),
    );
    compartments.set(compId, compartment);
    if (options.openedEntries === "memory" && compartment.state() !== undefined) await compartment.reopen();
    return compartment;
  };

  /** Fetches the feed from where this device is. */
  const syncFeed = async (compartment: Compartment): Promise<Result<undefined, Failure>> => {
    for (;;) {
      if (compartment.isJailed()) return ok();
      const from = compartment.nextN();
      const reply = await api.call(entriesList, {
        params: { compId: compartment.compId },
        query: { from, limit: PAGE },
      });
      if (!reply.ok) {
        if (reply.error.code === "FORBIDDEN")
          await emit({ type: "removed", spaceId: compartment.spaceId, compId: compartment.compId });
        return reply;
      }
      const items = readItems(reply.value.head.items, reply.value.parts);
      await compartment.receive(items);
      if (reply.value.head.total < compartment.nextN()) {
        await bell.ring(failure("ROLLBACK", "a feed is shorter than before"), { compId: compartment.compId });
        return ok();
      }
      if (items.length === 0 || compartment.nextN() >= reply.value.head.total) return ok();
    }
  };

  const syncSpaces = async (): Promise<Result<undefined, Failure>> => {
    const reply = await api.call(spacesList, {});
    if (!reply.ok) return reply;
    for (const { spaceId, n, comps } of reply.value.head.spaces) {
      if ((directory.space(spaceId)?.head.n ?? 0) < n) {
        const chain = await chains.syncChain(spaceId);
        if (!chain.ok) return chain;
      }
      spaceIds.add(spaceId);
      for (const { compId, links } of comps) {
        // A compartment is followed by its feed, which holds its links; who only deposits follows the chain.
        const compartment = await follow(spaceId, compId);
        const role = directory.comp(compId)?.members.get(userId)?.role;
        if (role !== undefined && !mayRead(role)) {
          if ((directory.comp(compId)?.head.n ?? 0) < links) await chains.syncChain(compId);
          continue;
        }
        const synced = await syncFeed(compartment);
        if (!synced.ok && synced.error.code !== "FORBIDDEN") return synced;
        await fetchMarks(compartment);
      }
      // "A compartment counts only if listed by comp.add" (phase-1 §4).
      for (const { compId } of comps) {
        const listed = directory.space(spaceId)?.comps.includes(compId) === true;
        if (!listed)
          await bell.ring(failure("LINK_REFUSED", "a compartment that its space does not list"), { spaceId, compId });
      }
    }
    return ok();
  };

  const fetchMarks = async (compartment: Compartment): Promise<void> => {
    const reply = await api.call(marksList, { params: { compId: compartment.compId } });
    if (reply.ok) for (const part of reply.value.parts) await compartment.receiveMark(part);
  };

  const syncAll = async (): Promise<Result<undefined, Failure>> => {
    const directorySynced = await chains.syncDirectory();
    if (!directorySynced.ok) return directorySynced;
    await emit({ type: "directory" });
    const spaces = await syncSpaces();
    if (!spaces.ok) return spaces;
    await syncLog([...compartments.keys()]);
    stream?.follow([...compartments.values()].map((one) => ({ compId: one.compId, from: one.nextN() })));
    return ok();
  };

  /** The newest checkpoint, then everything that it can prove. */
  const syncLog = async (compIds: Iterable<CompId>): Promise<void> => {
    const updated = await log.update();
    if (!updated.ok) {
      if (updated.error.code !== "OFFLINE") await bell.ring(updated.error, {});
      return;
    }
    await chains.proveAccepted();
    for (const compId of compIds) await compartments.get(compId)?.syncLeaves();
    await checkForeign();
  };

  const checkForeign = async (): Promise<void> => {
    const due = [...foreign.values()].filter((cp) => cp.size > 0);
    foreign.clear();
    for (const cp of due) {
      const holds = await log.checkForeign(cp);
      if (!holds.ok && holds.error.code !== "OFFLINE") await bell.ring(holds.error, {});
    }
  };

  const scheduleLeaves = (compId: CompId) => {
    leavesDue.add(compId);
    leafTimer ??= setTimeout(() => {
      leafTimer = undefined;
      const due = leavesDue;
      leavesDue = new Set();
      void lane.run(() => syncLog(due));
    }, LEAF_SYNC_MS);
  };

  /** The newest checkpoint that each author's device had seen; compared with the own log at the next sync (phase-1 §2.4). */
  listeners.add((event) => {
    if (event.type !== "entries") return;
    for (const { entry } of event.entries) {
      if (entry.author !== userId && entry.cp.size > (foreign.get(entry.kid)?.size ?? 0))
        foreign.set(entry.kid, entry.cp);
    }
  });

  const onMessage = async (message: StreamFromHub, parts: readonly Bytes[]): Promise<void> => {
    switch (message.type) {
      case "feed": {
        const compartment = compartments.get(message.compId);
        if (compartment === undefined) return;
        const items = readItems(message.items, parts);
        if ((items[0]?.n ?? 0) > compartment.nextN()) await syncFeed(compartment);
        else await compartment.receive(items);
        scheduleLeaves(message.compId);
        return;
      }
      case "mark":
        if (parts[0] !== undefined) await compartments.get(message.compId)?.receiveMark(parts[0]);
        return;
      case "leaves":
        scheduleLeaves(message.compId);
        return;
      case "chain":
        await chains.syncDirectory();
        await emit({ type: "directory" });
        return;
      case "space":
        await chains.syncDirectory();
        await syncSpaces();
        stream?.follow([...compartments.values()].map((one) => ({ compId: one.compId, from: one.nextN() })));
        return;
      case "refused": {
        const compartment = compartments.get(message.compId);
        if (compartment !== undefined)
          await emit({ type: "removed", spaceId: compartment.spaceId, compId: message.compId });
        return;
      }
      case "device-request":
        await emit({ type: "device-request" });
        return;
      case "pong":
    }
  };

  const refresh = async (compIds: readonly CompId[]): Promise<void> => {
    await lane.run(async () => {
      await chains.syncDirectory();
      for (const compId of compIds) {
        const compartment = compartments.get(compId);
        if (compartment !== undefined) await syncFeed(compartment);
      }
    });
  };

  const outbox = createOutbox({
    api,
    store,
    keys,
    userId,
    consortiumId,
    random,
    nowMs,
    compartment: (compId) => compartments.get(compId),
    cp: () => log.accepted(),
    refresh: (compId) => refresh([compId]),
    onChange: (compId) => void emit({ type: "outbox", compId }),
  });
  const commits = createCommits({
    api,
    keys,
    userId,
    consortiumId,
    directory,
    cp: () => log.accepted(),
    nowMs,
    random,
    compartment: (compId) => compartments.get(compId),
    refresh,
  });

  const connect = () => {
    void emit({ type: "connection", state: "connecting" });
    stream = openHubStream(
      { baseUrl: api.baseUrl, token: options.token, openSocket: options.openSocket },
      {
        onMessage: (message, parts) => void lane.run(() => onMessage(message, parts)),
        onOpen: () => {
          void lane.run(async () => {
            await emit({ type: "connection", state: "online" });
            await syncAll();
            outbox.flush();
          });
        },
        onClose: () => void emit({ type: "connection", state: "offline" }),
      },
    );
  };

  return {
    userId,
    directory,
    outbox,
    commits,
    bell,
    puk,
    checkpoint: () => log.accepted(),
    start: async () => {
      const started = await lane.run(async () => {
        await chains.restore();
        for (const state of [...directory.states()]) {
          if (state.ct !== "space") continue;
          spaceIds.add(state.id);
          for (const compId of state.comps) if (directory.comp(compId) !== undefined) await follow(state.id, compId);
        }
        return syncAll();
      });
      await outbox.restore();
      connect();
      return started;
    },
    stop: async () => {
      stream?.close();
      clearTimeout(leafTimer);
      await lane.idle();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sync: () => lane.run(syncAll),
    spaces: () =>
      [...spaceIds].map((spaceId) => ({
        spaceId,
        comps: [...compartments.values()].filter((one) => one.spaceId === spaceId),
      })),
    compartment: (compId) => compartments.get(compId),
    mark: async (compId, { delivered, read }) => {
      const compartment = compartments.get(compId);
      const keyring = await compartment?.ensureKeyring();
      const oid = bytesToId16<Oid>(random(16));
      if (compartment === undefined || keyring === undefined || oid === undefined) return;
      const place = { consortiumId, spaceId: compartment.spaceId, compId };
      const mark = { author: userId, delivered, read, t: nowMs() };
      const sealed = await sealMark({ place, oid, mark, signing: keys.signing, to: { keyring }, random });
      if (sealed.ok) await api.call(marksPut, { params: { compId }, raw: sealed.value });
    },
    alarms: bell.alarms,
  };
}

function readItems(
  heads: readonly {
    readonly n: number;
    readonly kind: "entry" | "link";
    readonly logIndex?: number | undefined;
    readonly ts?: number | undefined;
  }[],
  parts: readonly Bytes[],
): readonly FeedItem[] {
  return heads.flatMap(({ n, kind, logIndex, ts }, i) => {
    const bytes = parts[i];
    if (bytes === undefined) return [];
    const at = logIndex === undefined || ts === undefined ? {} : { at: { index: logIndex, ts } };
    return [{ n, kind, bytes, ...at }];
  });
}
