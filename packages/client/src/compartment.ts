import {
  type Bytes,
  bytesToId32,
  type CompId,
  type Digest,
  type ErrorCode,
  failure,
  InvariantError,
  idToBytes,
  type SpaceId,
} from "@caseroom/contract";
import { appendLeaf, type CborValue, edgeRoot, feedLeafHash, isCborMap, type RightEdge } from "@caseroom/crypto/verify";
import { type Keyring, openEntry, openKeyring, openMark, type PukRing } from "@caseroom/space/secret";
import {
  type CompState,
  type Directory,
  type Moment,
  type ParsedLink,
  parseEnvelope,
  parseLink,
  presentMoment,
} from "@caseroom/space/verify";
import type { AlarmBell } from "./alarm-bell.ts";
import { createAuthorLedger } from "./author-ledger.ts";
import type { ChainSync } from "./chain-sync.ts";
import type { Listener, ReceivedEntry } from "./client-events.ts";
import { createFeedLeaves } from "./feed-leaves.ts";
import type { HubApi } from "./hub-api.ts";
import type { LogWatch } from "./log-watch.ts";
import { createProvisionalEntries } from "./provisional-entries.ts";
import { numberKey, type Store, type Write } from "./store/store.ts";
import {
  type CompartmentProgress,
  EMPTY_PROGRESS,
  encodeFeedItem,
  encodeProgress,
  parseFeedItem,
  type StoredFeedItem,
} from "./stored-records.ts";

/** One compartment as this device follows it: receives its feed, checks every item, opens what it may. */
export type Compartment = {
  readonly compId: CompId;
  readonly spaceId: SpaceId;
  /** The next position wanted. */
  readonly nextN: () => number;
  readonly state: () => CompState | undefined;
  readonly keyring: () => Keyring | undefined;
  readonly head: () => { readonly n: number; readonly root: Bytes };
  readonly coveredN: () => number;
  readonly newestLeaf: () => { readonly n: number; readonly bytes: Bytes } | undefined;
  /** Opens again what the store holds; used where the picture lives in memory only. */
  readonly reopen: () => Promise<void>;
  /** Items of the feed in order, beginning at `nextN` or before. */
  readonly receive: (items: readonly FeedItem[]) => Promise<void>;
  readonly receiveMark: (envelope: Bytes) => Promise<void>;
  readonly syncLeaves: () => Promise<void>;
  readonly ensureKeyring: () => Promise<Keyring | undefined>;
  readonly isJailed: () => boolean;
};

export type FeedItem = StoredFeedItem & { readonly n: number; readonly at?: Moment };

/** An entry on its way to being opened; taken apart once. */
type Waiting = { readonly n: number; readonly bytes: Bytes; readonly parsed?: ReturnType<typeof parseEnvelope> };

export type CompartmentDeps = {
  readonly api: HubApi;
  readonly store: Store;
  readonly directory: Directory;
  readonly chains: ChainSync;
  readonly log: LogWatch;
  readonly bell: AlarmBell;
  readonly emit: Listener;
  readonly nowMs: () => number;
  readonly puk: () => Promise<PukRing | undefined>;
  readonly fetchWrap: (hash: Digest) => Promise<Bytes | undefined>;
  readonly hubAnswers: () => boolean;
};

export function openCompartment(
  deps: CompartmentDeps,
  place: { readonly spaceId: SpaceId; readonly compId: CompId },
  restored: CompartmentProgress | undefined,
): Compartment {
  const { store, directory, bell, emit } = deps;
  const { spaceId, compId } = place;
  const start = restored ?? EMPTY_PROGRESS;
  let n = start.n;
  let edge: RightEdge = start.edge;
  let e = start.e;
  let jailedBy: ErrorCode | undefined;
  /** The hub could not be asked what the next link rests on: it is received again later. */
  let isStalled = false;
  let keyring: Keyring | undefined;
  const ledger = createAuthorLedger(start.authors);
  const leaves = createFeedLeaves({ api: deps.api, log: deps.log, compId }, start.covered);
  /** Roots at positions that a leaf may still cover. */
  const roots = new Map<number, Digest>();
  const rememberRoot = () => {
    const root = bytesToId32<Digest>(edgeRoot(edge));
    if (root !== undefined) roots.set(n, root);
  };
  rememberRoot();
  /** Items as they were received: kept in one write with the progress that counts them, and never later than it. */
  let unsaved: readonly Write[] = [];
  /** Readable entries whose epoch is not open yet: kept until the keys are there. */
  let sealed: readonly Waiting[] = [];

  const state = () => directory.comp(compId);
  const consortiumId = () => {
    const consortium = directory.consortium();
    if (consortium === undefined) throw new InvariantError("a compartment is opened after the consortium is known");
    return consortium.id;
  };
  const entryPlace = () => ({ consortiumId: consortiumId(), spaceId, compId });
  const jail = async (code: ErrorCode, detail: string, at: number, evidence?: Bytes) => {
    jailedBy ??= code;
    await bell.ring({ code, detail }, { spaceId, compId, n: at }, evidence);
  };

  const ensureKeyring: Compartment["ensureKeyring"] = async () => {
    const comp = state();
    if (comp === undefined) return undefined;
    const newest = comp.epochs.at(-1)?.e;
    if (keyring !== undefined && keyring.newest === newest) return keyring;
    const puk = await deps.puk();
    if (puk === undefined || !comp.wraps.has(puk.userId)) return keyring;
    const opened = await openKeyring({
      consortiumId: consortiumId(),
      comp,
      puk,
      fetchWrap: deps.fetchWrap,
      earlier: keyring,
    });
    if (opened.ok) keyring = opened.value;
    else if (opened.error.code !== "WITHHELD" || deps.hubAnswers()) {
      const wrap = comp.wraps.get(puk.userId)?.hash;
      await bell.ring(opened.error, { spaceId, compId }, wrap === undefined ? undefined : idToBytes(wrap));
    }
    return keyring;
  };

  /** The covering leaf of a position, or the present while there is none (phase-1 §2.6, §2.8). */
  const momentOf = (position: number): Moment => leaves.momentOf(position) ?? presentMoment(deps.nowMs());
  const provisional = createProvisionalEntries({ ...deps, state, momentOf }, place, start.provisional);

  /** Whoever has left since is judged at the time of the entry, and the log tells that. False: it could not be asked. */
  const learnMoments = async (): Promise<boolean> => {
    await deps.log.update();
    const proven = await leaves.prove({ n, rootAt: (position) => roots.get(position) });
    if (proven.ok) return true;
    if (proven.error.code === "OFFLINE") return false;
    await jail(proven.error.code, proven.error.detail ?? "", n, proven.error.evidence);
    return true;
  };

  const openOne = async ({ n: position, bytes, parsed }: Waiting): Promise<ReceivedEntry | "later" | undefined> => {
    const comp = state();
    const envelope = parsed ?? parseEnvelope(bytes);
    if (comp === undefined || keyring === undefined) return undefined;
    if (!envelope.ok) {
      await refuse(envelope.error.code, position, bytes);
      return undefined;
    }
    const input = {
      envelope: envelope.value,
      place: entryPlace(),
      keyring,
      view: directory,
      comp,
      at: momentOf(position),
    };
    let opened = await openEntry(input);
    if (!opened.ok && opened.error.code === "AUTHOR_INVALID") {
      const synced = await deps.chains.syncDirectory();
      if (!synced.ok || !(await learnMoments())) return "later";
      opened = await openEntry({ ...input, comp: state() ?? comp, at: momentOf(position) });
    }
    if (!opened.ok) {
      await refuse(opened.error.code, position, bytes);
      return undefined;
    }
    const order = ledger.follow(opened.value);
    if (order.type === "refused") {
      await refuse(order.code, position, bytes);
      return undefined;
    }
    // What came before is missing: it is shown as a gap, and what is there is shown as well.
    if (order.type === "gap")
      await bell.ring(
        failure("SEQUENCE_GAP", "an entry of this author is missing"),
        { spaceId, compId, n: position },
        bytes,
      );
    provisional.add(position, opened.value);
    return {
      spaceId,
      compId,
      tier: comp.tier,
      n: position,
      entry: opened.value,
      logged: position < leaves.covered().n,
    };
  };

  const refuse = (code: ErrorCode, position: number, bytes: Bytes) =>
    bell.ring(failure(code, "an entry was refused"), { spaceId, compId, n: position }, bytes);

  const openMany = async (items: readonly Waiting[]): Promise<void> => {
    await ensureKeyring();
    if (keyring === undefined) {
      // The bytes alone: what cannot be opened yet may be all there is.
      sealed = [...sealed, ...items.map(({ n: position, bytes }) => ({ n: position, bytes }))];
      return;
    }
    const ready = [...sealed, ...items];
    sealed = [];
    const entries: ReceivedEntry[] = [];
    for (const [i, item] of ready.entries()) {
      const received = await openOne(item);
      if (received === "later") {
        sealed = ready.slice(i);
        break;
      }
      if (received !== undefined) entries.push(received);
    }
    if (entries.length > 0) await emit({ type: "entries", entries });
  };

  /** Takes an item into the feed's tree; answers an entry that is to be opened. */
  const take = async (item: FeedItem): Promise<Waiting | undefined> => {
    if (item.kind === "link") {
      if (!(await takeLink(item))) return undefined;
    }
    const epochAtPosition = e;
    edge = appendLeaf(edge, feedLeafHash(item.kind, item.bytes));
    n += 1;
    rememberRoot();
    if (item.kind === "link") return undefined;
    const parsed = parseEnvelope(item.bytes);
    // hdr.e MUST equal the epoch after all links before this position, and nothing occurs twice (phase-1 §2.6, §2.20).
    if (parsed.ok && parsed.value.e !== epochAtPosition) {
      await refuse("STALE_EPOCH", item.n, item.bytes);
      return undefined;
    }
    if (parsed.ok && !ledger.isNewObject(parsed.value.oid)) {
      await refuse("DUPLICATE", item.n, item.bytes);
      return undefined;
    }
    return { n: item.n, bytes: item.bytes, parsed };
  };

  const refuseLink = async (code: ErrorCode, item: FeedItem) => {
    if (code === "OFFLINE") isStalled = true;
    else if (code === "UPDATE_REQUIRED") jailedBy ??= code;
    else await jail(code, "a link was refused", item.n, item.bytes);
  };

  const takeLink = async (item: FeedItem): Promise<boolean> => {
    const parsed = parseLink(item.bytes);
    if (!parsed.ok || parsed.value.chainId !== compId) {
      await jail("LINK_INVALID", "not a link of this compartment", item.n, item.bytes);
      return false;
    }
    const known = parsed.value.n < (state()?.head.n ?? 0);
    if (!known) {
      if (item.at === undefined) {
        await jail("WITHHELD", "a link without its place in the log", item.n, item.bytes);
        return false;
      }
      const next = await deps.chains.accept(item.bytes, item.at);
      if (!next.ok) {
        await refuseLink(next.error.code, item);
        return false;
      }
      await emit({ type: "members", spaceId, compId });
    }
    e = epochOf(parsed.value) ?? e;
    return true;
  };

  const receive: Compartment["receive"] = async (items) => {
    if (jailedBy !== undefined) return;
    const due = items.filter((item) => item.n >= n);
    if (due.length === 0) return sealed.length === 0 ? undefined : openSealed();
    const toOpen: Waiting[] = [];
    isStalled = false;
    for (const item of due) {
      if (item.n !== n) {
        await jail("WITHHELD", "a position of the feed is missing", n, item.bytes);
        break;
      }
      const entry = await take(item);
      if (jailedBy !== undefined || isStalled) break;
      if (entry !== undefined) toOpen.push(entry);
      unsaved = [...unsaved, { table: "feed", key: `${compId}/${numberKey(item.n)}`, value: encodeFeedItem(item) }];
    }
    // A listener keeps what it is given before the progress is kept: after a crash an item comes twice rather than never.
    await openMany(toOpen);
    await saveProgress();
  };

  const openSealed = async () => {
    await openMany([]);
    await saveProgress();
  };

  const saveProgress = async () => {
    const received = unsaved;
    const provisionalNow = provisional.waiting();
    const progress = { n, edge, e, covered: leaves.covered(), authors: ledger.authors(), provisional: provisionalNow };
    const opened: Write = { table: "opened", key: compId, value: encodeProgress(progress) };
    await store.write(sealed.length > 0 ? received : [...received, opened]);
    unsaved = unsaved.slice(received.length);
  };

  const syncLeaves: Compartment["syncLeaves"] = async () => {
    if (jailedBy === undefined) await coverFeed();
    if (jailedBy === undefined) await provisional.tellOverdue();
  };

  const coverFeed = async () => {
    const proven = await leaves.prove({ n, rootAt: (position) => roots.get(position) });
    if (!proven.ok) {
      const isPatient = proven.error.code === "OFFLINE" || proven.error.code === "WITHHELD";
      if (!isPatient) await jail(proven.error.code, proven.error.detail ?? "", n, proven.error.evidence);
      return;
    }
    const newest = proven.value;
    if (newest === undefined) return;
    await provisional.judge(newest);
    leaves.accept(newest);
    for (const position of roots.keys()) if (position <= newest) roots.delete(position);
    await saveProgress();
    await emit({ type: "logged", compId, n: newest });
  };

  return {
    compId,
    spaceId,
    nextN: () => n,
    state,
    keyring: () => keyring,
    head: () => ({ n, root: edgeRoot(edge) }),
    coveredN: () => leaves.covered().n,
    newestLeaf: leaves.newest,
    ensureKeyring,
    isJailed: () => jailedBy !== undefined,
    syncLeaves,
    receive,
    reopen: async () => {
      const rows = await store.range("feed", { prefix: `${compId}/` });
      const items = rows.flatMap(({ value }, i) => {
        const item = parseFeedItem(value);
        return item === undefined ? [] : [{ ...item, n: i }];
      });
      // The lines of the log come first: what was written by somebody who has left since is judged at its own time.
      await leaves.fetch();
      const toOpen: Waiting[] = [];
      for (const item of items) {
        const entry = await take(item);
        if (entry !== undefined) toOpen.push(entry);
      }
      await openMany(toOpen);
    },
    receiveMark: async (bytes) => {
      const envelope = parseEnvelope(bytes);
      const ring = await ensureKeyring();
      if (!envelope.ok || ring === undefined) return;
      const opened = await openMark({
        envelope: envelope.value,
        place: entryPlace(),
        keyring: ring,
        view: directory,
        at: presentMoment(deps.nowMs()),
      });
      if (opened.ok) await emit({ type: "mark", spaceId, compId, mark: opened.value });
    },
  };
}

function epochOf(link: ParsedLink): number | undefined {
  const ep: CborValue | undefined = link.body.get("ep");
  const value = isCborMap(ep) ? ep.get("e") : undefined;
  return typeof value === "number" ? value : undefined;
}
