import {
  type Clock,
  type CompId,
  type Digest,
  err,
  type Failure,
  failure,
  InvariantError,
  type linksAppend,
  ok,
  type Result,
  type SpaceId,
} from "@caseroom/contract";
import { appendLeaf, feedLeafHash, type LogLeaf, NO_HEAD, type RightEdge } from "@caseroom/crypto/verify";
import type { Sql } from "@caseroom/postgres";
import {
  applyBatch,
  type CompState,
  type Directory,
  type Moment,
  type ParsedLink,
  wrapHashesOf,
} from "@caseroom/space/verify";
import type { Metrics } from "../../http/metrics.ts";
import type { Handler } from "../../http/operation-handler.ts";
import { toColumn } from "../../id-column.ts";
import type { Notices } from "../../notices.ts";
import type { EntryWriter } from "../entries/entry-writer.ts";
import type { FeedMemory } from "../entries/feed-memory.ts";
import { type FeedRow, insertFeed } from "../entries/feed-store.ts";
import type { LogWriter } from "../log/log-writer.ts";
import type { ChainMemory } from "./chain-memory.ts";
import { checkBearer, type LinkRequest, readLinkRequest } from "./link-request.ts";
import { compIdOf, type DatedLink, DIRECTORY_SPACE, insertLinks, insertWraps, readWraps } from "./link-store.ts";

export type LinkDeps = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly chains: ChainMemory;
  readonly feeds: FeedMemory;
  readonly log: LogWriter;
  readonly writer: EntryWriter;
  readonly notices: Notices;
  readonly metrics: Metrics;
  readonly bootstrapToken: string | undefined;
};

const DAY_MS = 86_400_000;
const MAX_ROTATIONS_A_DAY = 10;

/**
 * links.append: all or nothing. One request at a time, since each link is judged by everything before it in the log; while it runs, no
 * entry is appended to its compartments, so that every entry stands on one side of it.
 */
export function appendLinks(deps: LinkDeps): Handler<typeof linksAppend> {
  return async ({ head, parts, session }) => {
    const request = readLinkRequest(head, parts);
    if (!request.ok) return request;
    const { bootstrapToken, chains, clock } = deps;
    const allowed = await checkBearer(request.value.links, {
      ticket: head.ticket,
      session,
      bootstrapToken,
      chains,
      clock,
    });
    if (!allowed.ok) return allowed;
    const comps = [...new Set(request.value.links.flatMap((link) => compIdOf(link) ?? []))];
    return deps.log.lane.run(() => deps.writer.hold(comps, () => accept(deps, request.value)));
  };
}

type Accepted = {
  readonly links: { readonly chainId: string; readonly n: number; readonly logIndex: number; readonly ts: number }[];
};

async function accept(deps: LinkDeps, request: LinkRequest): Promise<Result<Accepted, Failure>> {
  const { chains, log, feeds, notices } = deps;
  const plan = planLeaves(deps, request.links);
  const layer = await applyBatch(chains.view, plan.dated);
  if (!layer.ok) return layer;
  const space = placeOf(request.links, layer.value);
  if (!space.ok) return space;
  const holds = checkHubRules(deps, request.links, layer.value);
  if (!holds.ok) return holds;
  const missing = await findMissingWraps(deps.sql, request);
  if (missing.length > 0) return err(failure("WRAP_MISSING"));

  const rows = planFeed(deps, plan.dated, layer.value);
  const edges = edgesAfter(deps, rows);
  await log.append(plan.leaves, async (tx) => {
    await insertLinks(tx, plan.dated, () => space.value);
    await insertWraps(tx, wrapRows(request));
    if (rows.length > 0) await insertFeed(tx, rows, edges);
  });

  const added = joiners(chains, layer.value);
  chains.settle(layer.value.states());
  for (const { compId, spaceId, edge } of edges) {
    feeds.add(compId, spaceId);
    feeds.moveTo(compId, edge);
  }
  deps.metrics.count("caseroom_links_accepted_total", plan.dated.length);
  for (const state of layer.value.states())
    notices.publish({ type: "chain", chainId: state.id, ct: state.ct, n: state.head.n });
  for (const notice of added) notices.publish({ type: "space", ...notice });
  for (const { compId } of edges)
    notices.publish({ type: "feed", compId, items: rows.filter((row) => row.compId === compId) });
  const links = plan.dated.map(({ link, at }) => ({
    chainId: link.chainId,
    n: link.n,
    logIndex: at.index,
    ts: at.ts,
  }));
  return ok({ links });
}

/**
 * The lines of the log for these links. Before the first link of a compartment comes a line for its feed, so that what was written
 * before the link is covered before it (phase-1 §2.6).
 */
function planLeaves(
  { chains, feeds, log }: LinkDeps,
  links: readonly ParsedLink[],
): { readonly dated: readonly DatedLink[]; readonly leaves: readonly LogLeaf[] } {
  const ts = log.nextTs();
  const leaves: LogLeaf[] = [];
  const dated: DatedLink[] = [];
  const flushed = new Set<CompId>();
  for (const link of links) {
    const compId = compIdOf(link);
    if (compId !== undefined && chains.view.comp(compId) !== undefined && !flushed.has(compId)) {
      flushed.add(compId);
      const { edge, covered } = feeds.get(compId);
      if (edge.size > covered.n) leaves.push(log.feedLeaf(compId, ts));
    }
    const at: Moment = { index: log.size() + leaves.length, ts };
    dated.push({ link, at });
    leaves.push({
      type: "link",
      streamId: link.chainId,
      nPrev: link.n,
      headPrev: link.p ?? NO_HEAD,
      n: link.n + 1,
      head: link.hash,
      ts,
    });
  }
  return { dated, leaves };
}

/** All links of a request belong to one chain of the directory, or to chains of one space. Answers the space column of their rows. */
function placeOf(links: readonly ParsedLink[], layer: Directory): Result<Buffer<ArrayBuffer>, Failure> {
  const spaces = new Set<SpaceId>();
  const directoryChains = new Set<string>();
  for (const state of layer.states()) {
    if (state.ct === "comp") spaces.add(state.spaceId);
    else if (state.ct === "space") spaces.add(state.id);
    else directoryChains.add(state.id);
  }
  const [spaceId] = spaces;
  if (spaces.size + directoryChains.size !== 1 || links.length === 0)
    return err(failure("LINK_INVALID", "one chain of the directory, or chains of one space"));
  return ok(spaceId === undefined ? DIRECTORY_SPACE : toColumn(spaceId));
}

/** What the hub demands beyond the rules that everybody checks. */
function checkHubRules(
  { chains, log, clock }: LinkDeps,
  links: readonly ParsedLink[],
  layer: Directory,
): Result<undefined, Failure> {
  for (const state of layer.states()) {
    if (state.ct === "cons" && chains.view.consortium() === undefined) {
      const { origin, logKey, cosignKey } = state.log;
      const isThisLog =
        origin === log.origin &&
        isSame(logKey, log.keys.logKey.publicKey) &&
        isSame(cosignKey, log.keys.cosignKey.publicKey);
      if (!isThisLog) return err(failure("LINK_REFUSED", "the consortium names another log"));
    }
    if (state.ct === "user" && links.some((link) => link.op === "puk.rotate")) {
      const since = clock.nowMs() - DAY_MS;
      if (state.puks.filter((puk) => puk.at.ts > since).length > MAX_ROTATIONS_A_DAY)
        return err(failure("TOO_MANY_REQUESTS"));
    }
  }
  return ok();
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}

async function findMissingWraps(sql: Sql, { links, wraps }: LinkRequest): Promise<readonly Digest[]> {
  const absent = [...new Set(links.flatMap(wrapHashesOf))].filter((hash) => !wraps.has(hash));
  const stored = await readWraps(sql, absent);
  return absent.filter((hash) => !stored.has(hash));
}

function wrapRows({ links, wraps }: LinkRequest) {
  return links.flatMap((link) =>
    wrapHashesOf(link).flatMap((hash) => {
      const bytes = wraps.get(hash);
      return bytes === undefined ? [] : [{ hash, chainId: link.chainId, bytes }];
    }),
  );
}

/** A link of a compartment takes the next place in its feed. */
function planFeed({ chains, feeds }: LinkDeps, dated: readonly DatedLink[], layer: Directory): readonly FeedRow[] {
  const next = new Map<CompId, number>();
  return dated.flatMap(({ link, at }): FeedRow[] => {
    const compId = compIdOf(link);
    if (compId === undefined) return [];
    const spaceId = layer.comp(compId)?.spaceId;
    if (spaceId === undefined) throw new InvariantError("an accepted link has a compartment");
    const n = next.get(compId) ?? (chains.view.comp(compId) === undefined ? 0 : feeds.get(compId).edge.size);
    next.set(compId, n + 1);
    const place = { n, spaceId, compId, oid: undefined, hash: link.hash };
    return [{ ...place, kind: "link", logIndex: at.index, ts: at.ts, at: at.ts, bytes: link.bytes }];
  });
}

function edgesAfter(
  { chains, feeds }: LinkDeps,
  rows: readonly FeedRow[],
): readonly { readonly compId: CompId; readonly spaceId: SpaceId; readonly edge: RightEdge }[] {
  const edges = new Map<CompId, { readonly compId: CompId; readonly spaceId: SpaceId; readonly edge: RightEdge }>();
  for (const { compId, spaceId, bytes } of rows) {
    const start = chains.view.comp(compId) === undefined ? EMPTY : feeds.get(compId).edge;
    const edge = appendLeaf(edges.get(compId)?.edge ?? start, feedLeafHash("link", bytes));
    edges.set(compId, { compId, spaceId, edge });
  }
  return [...edges.values()];
}

const EMPTY: RightEdge = { size: 0, hashes: [] };

/** Who has become a member, by space. */
function joiners(chains: ChainMemory, layer: Directory) {
  return [...layer.states()]
    .filter((state): state is CompState => state.ct === "comp")
    .map((state) => {
      const before = chains.view.comp(state.id)?.members;
      return { spaceId: state.spaceId, users: [...state.members.keys()].filter((user) => before?.has(user) !== true) };
    })
    .filter(({ users }) => users.length > 0);
}
