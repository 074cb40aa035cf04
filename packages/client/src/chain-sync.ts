import {
  type Bytes,
  type ChainId,
  directoryChains,
  err,
  type Failure,
  failure,
  idToBytes,
  linksList,
  ok,
  type Result,
} from "@caseroom/contract";
import { encodeCbor, encodeLogLeaf, NO_HEAD } from "@caseroom/crypto/verify";
import {
  applyLink,
  type ChainState,
  type Directory,
  type Moment,
  type ParsedLink,
  parseLink,
} from "@caseroom/space/verify";
import type { AlarmBell } from "./alarm-bell.ts";
import type { HubApi } from "./hub-api.ts";
import type { ClaimedLeaf, LogWatch } from "./log-watch.ts";
import { numberKey, type Store } from "./store/store.ts";
import { encodeStoredLink, parseStoredLink } from "./stored-records.ts";

/** Brings chains in, applies the rules to every link, and asks the log about each. */
export type ChainSync = {
  /** Replays the links that this device has accepted before. */
  readonly restore: () => Promise<void>;
  /** Consortium, institutions and users: everything new of the directory. */
  readonly syncDirectory: () => Promise<Result<undefined, Failure>>;
  /** New links of one chain (a space's, or a compartment's without its feed). */
  readonly syncChain: (chainId: ChainId) => Promise<Result<undefined, Failure>>;
  /** Applies one link that came by the feed. OFFLINE: it could not be judged yet; nothing is known against it. */
  readonly accept: (bytes: Bytes, at: Moment) => Promise<Result<ChainState, Failure>>;
  /** Proves what was applied since; alarms on what the log does not hold. */
  readonly proveAccepted: () => Promise<void>;
  readonly isJailed: (chainId: ChainId) => boolean;
};

type Deps = {
  readonly api: HubApi;
  readonly store: Store;
  readonly directory: Directory;
  readonly log: LogWatch;
  readonly bell: AlarmBell;
  readonly consortiumId: ChainId;
  readonly sawLink: (link: ParsedLink) => void;
};
type Dated = { readonly link: ParsedLink; readonly at: Moment };

export function createChainSync(deps: Deps): ChainSync {
  const { api, store, directory, log, bell } = deps;
  const unproven: ClaimedLeaf[] = [];
  /** A chain that broke a rule is not followed any further: no writes, an alarm, the evidence kept (protocol §6.1). */
  const jailed = new Set<ChainId>();

  const apply = async ({ link, at }: Dated): Promise<Result<ChainState, Failure>> => {
    if (link.ct === "cons" && link.isGenesis && link.chainId !== deps.consortiumId)
      return err(failure("LINK_REFUSED", "another consortium"));
    const next = await applyLink(directory, link, at);
    if (next.ok) directory.set(next.value);
    return next;
  };

  const fetchLinks = async (chainId: ChainId, from: number): Promise<Result<readonly Dated[], Failure>> => {
    const dated: Dated[] = [];
    for (;;) {
      const reply = await api.call(linksList, { params: { chainId }, query: { from: from + dated.length } });
      if (!reply.ok) return reply;
      const { links, total } = reply.value.head;
      for (const [i, { logIndex, ts }] of links.entries()) {
        const bytes = reply.value.parts[i] ?? new Uint8Array(0);
        const link = readLinkOf(chainId, from + dated.length, bytes);
        if (!link.ok) {
          await jail(chainId, link.error, bytes);
          return ok(dated);
        }
        dated.push({ link: link.value, at: { index: logIndex, ts } });
      }
      if (links.length === 0 || from + dated.length >= total) return ok(dated);
    }
  };

  /** Links of several chains in the order of the log, since each is judged by what stood before it. */
  const acceptAll = async (links: readonly Dated[]): Promise<Result<undefined, Failure>> => {
    for (const dated of [...links].sort((a, b) => a.at.index - b.at.index)) {
      const { link, at } = dated;
      if (jailed.has(link.chainId) || isKnown(directory, link)) continue;
      const next = await apply(dated);
      if (!next.ok) {
        await jail(link.chainId, next.error, link.bytes);
        continue;
      }
      await remember(link, at);
    }
    return ok();
  };

  const remember = async (link: ParsedLink, at: Moment): Promise<void> => {
    const { bytes } = link;
    deps.sawLink(link);
    await store.write([{ table: "link", key: numberKey(at.index), value: encodeStoredLink({ bytes, at }) }]);
    unproven.push(...leavesOf(bytes, at));
  };

  const jail = async (chainId: ChainId, problem: Failure, evidence: Bytes): Promise<void> => {
    if (problem.code !== "UPDATE_REQUIRED") jailed.add(chainId);
    await bell.ring(verdictOn(problem), { chainId }, evidence);
  };

  /** What was known once is never gone, and never shorter. */
  const compareWithList = async (listed: ReadonlyMap<ChainId, number>): Promise<void> => {
    for (const { ct, id, head } of [...directory.states()]) {
      const n = listed.get(id) ?? 0;
      if (ct === "space" || ct === "comp" || n >= head.n) continue;
      const evidence = encodeCbor([idToBytes(id), n, head.n]);
      await bell.ring(
        failure("ROLLBACK", "a chain of the directory is shorter than before"),
        { chainId: id },
        evidence,
      );
    }
  };

  const syncDirectory: ChainSync["syncDirectory"] = async () => {
    const reply = await api.call(directoryChains, {});
    if (!reply.ok) return reply;
    const { chains } = reply.value.head;
    await compareWithList(new Map(chains.map(({ chainId, n }) => [chainId, n])));
    const links: Dated[] = [];
    for (const { chainId, n } of chains) {
      const known = directory.chain(chainId)?.head.n ?? 0;
      if (n <= known || jailed.has(chainId)) continue;
      const fetched = await fetchLinks(chainId, known);
      if (!fetched.ok) return fetched;
      // Exactly what was listed: the list is one moment of the hub, and a later link may rest on one of a chain that was fetched before.
      links.push(...fetched.value.slice(0, n - known));
      if (fetched.value.length >= n - known || jailed.has(chainId)) continue;
      const evidence = encodeCbor([idToBytes(chainId), known + fetched.value.length, n]);
      await bell.ring(failure("WITHHELD", "fewer links than the directory lists"), { chainId }, evidence);
    }
    return acceptAll(links);
  };

  return {
    restore: async () => {
      for (const { value } of await store.range("link", { prefix: "" })) {
        const stored = parseStoredLink(value);
        const parsed = stored === undefined ? undefined : parseLink(stored.bytes);
        if (stored === undefined || parsed?.ok !== true) continue;
        const next = await apply({ link: parsed.value, at: stored.at });
        if (!next.ok) await bell.ring(next.error, {}, stored.bytes);
      }
    },
    syncDirectory,
    syncChain: async (chainId) => {
      const fetched = await fetchLinks(chainId, directory.chain(chainId)?.head.n ?? 0);
      if (!fetched.ok) return fetched;
      // What these links rest on in the directory stands before them in the log, so that it is there to be had now.
      const synced = fetched.value.length === 0 ? ok() : await syncDirectory();
      return synced.ok ? acceptAll(fetched.value) : synced;
    },
    accept: async (bytes, at) => {
      const parsed = parseLink(bytes);
      if (!parsed.ok) return parsed;
      const link = parsed.value;
      const known = directory.chain(link.chainId);
      if (known !== undefined && isKnown(directory, link)) return ok(known);
      let next = await apply({ link, at });
      if (!next.ok && next.error.code !== "CHAIN_CONFLICT") {
        // It may rest on a statement of the directory that has not come in yet.
        const synced = await syncDirectory();
        if (!synced.ok) return err(failure("OFFLINE"));
        next = await apply({ link, at });
      }
      if (next.ok) await remember(link, at);
      // The compartment tells, and where in its feed.
      else if (next.error.code !== "UPDATE_REQUIRED") jailed.add(link.chainId);
      else await jail(link.chainId, next.error, bytes);
      return next.ok ? next : err(verdictOn(next.error));
    },
    proveAccepted: async () => {
      if (unproven.length === 0) return;
      const batch = unproven.splice(0, unproven.length);
      const due = batch.filter((leaf) => leaf.index < log.accepted().size);
      unproven.push(...batch.filter((leaf) => leaf.index >= log.accepted().size));
      const proven = due.length === 0 ? ok() : await log.proveLeaves(due);
      if (proven.ok) return;
      unproven.push(...due);
      if (proven.error.code !== "OFFLINE") await bell.ring(proven.error, {}, proven.error.evidence);
    },
    isJailed: (chainId) => jailed.has(chainId),
  };
}

/** The link that was asked for, or why these bytes are not it. */
function readLinkOf(chainId: ChainId, n: number, bytes: Bytes): Result<ParsedLink, Failure> {
  const parsed = parseLink(bytes);
  if (!parsed.ok) return parsed;
  const isAsked = parsed.value.chainId === chainId && parsed.value.n === n;
  return isAsked ? parsed : err(failure("LINK_INVALID", "another link than was asked for"));
}

/** These codes speak to the one who asks to be let in or to change something. About a link of others they say: it breaks the rules. */
const ASKERS = ["DEVICE_NOT_ENROLLED", "DEVICE_REVOKED", "DUPLICATE", "CHAIN_CONFLICT", "STALE_VIEW"];

function verdictOn(problem: Failure): Failure {
  return ASKERS.includes(problem.code) ? failure("LINK_REFUSED", `${problem.code}: ${problem.detail ?? ""}`) : problem;
}

/** The line that the log must hold for a link (phase-1 §2.3). */
function leavesOf(bytes: Bytes, at: Moment): readonly ClaimedLeaf[] {
  const parsed = parseLink(bytes);
  if (!parsed.ok) return [];
  const { chainId, n, p, hash } = parsed.value;
  const leaf = encodeLogLeaf({
    type: "link",
    streamId: chainId,
    nPrev: n,
    headPrev: p ?? NO_HEAD,
    n: n + 1,
    head: hash,
    ts: at.ts,
  });
  return [{ index: at.index, leaf }];
}

function isKnown(directory: Directory, link: ParsedLink): boolean {
  const state = directory.chain(link.chainId);
  return state !== undefined && link.n < state.head.n;
}
