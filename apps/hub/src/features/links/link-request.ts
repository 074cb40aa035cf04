import {
  type Bytes,
  type Clock,
  type Digest,
  equalBytes,
  err,
  type Failure,
  failure,
  type Kid,
  type OrgId,
  ok,
  type Result,
  utf8ToBytes,
} from "@caseroom/contract";
import { digestOf } from "@caseroom/crypto/verify";
import { type ParsedLink, parseLink, verifyTicket, wrapHashesOf } from "@caseroom/space/verify";
import type { Session } from "../sessions/session-store.ts";
import type { ChainMemory } from "./chain-memory.ts";

/** What can be said about a request before its place in the log is known. */

export type LinkRequest = { readonly links: readonly ParsedLink[]; readonly wraps: ReadonlyMap<Digest, Bytes> };

const MAX_WRAP_BYTES = 2048;
const MAX_LINKS = 32;

/** Splits the parts into links and wraps, and requires the wraps to be among those that the links name. */
export function readLinkRequest(
  head: { readonly links: number; readonly wraps: number },
  parts: readonly Bytes[],
): Result<LinkRequest, Failure> {
  const isCounted = head.links >= 1 && head.links <= MAX_LINKS && head.links + head.wraps === parts.length;
  if (!isCounted) return err(failure("BAD_REQUEST", "the parts are not those that the head counts"));
  const links: ParsedLink[] = [];
  for (const bytes of parts.slice(0, head.links)) {
    const link = parseLink(bytes);
    if (!link.ok) return link;
    links.push(link.value);
  }
  const named = new Set(links.flatMap(wrapHashesOf));
  const wraps = new Map<Digest, Bytes>();
  for (const wrap of parts.slice(head.links)) {
    const hash = digestOf(wrap);
    if (wrap.length > MAX_WRAP_BYTES || !named.has(hash) || wraps.has(hash)) return err(failure("WRAP_INVALID"));
    wraps.set(hash, wrap);
  }
  return ok({ links, wraps });
}

/**
 * Who may bring these links at all. What they may say is decided by their signatures; this keeps strangers from filling the directory:
 * a session, or the hub's bootstrap token for links of the directory, or an institution's ticket for a new user (phase-1 §2.5).
 */
export async function checkBearer(
  links: readonly ParsedLink[],
  input: {
    readonly ticket: Bytes | undefined;
    readonly session: Session | undefined;
    readonly bootstrapToken: string | undefined;
    readonly chains: ChainMemory;
    readonly clock: Clock;
  },
): Promise<Result<undefined, Failure>> {
  const [first] = links;
  if (first === undefined) return err(failure("BAD_REQUEST"));
  const { ticket, session } = input;
  const isBootstrap = ticket !== undefined && isToken(ticket, input.bootstrapToken);
  const isDirectory = links.every(({ ct }) => ct === "cons" || ct === "org" || ct === "user");
  if (isBootstrap && isDirectory) {
    const isPerson = links.some((link) => link.ct === "user" && link.isGenesis && link.body.get("kind") !== "gateway");
    return isPerson ? err(failure("ENROLMENT_REFUSED", "a person needs a ticket")) : ok();
  }
  if (first.ct === "user" && first.isGenesis) return checkTicket(first, input);
  if (first.ct === "cons" && first.isGenesis) return err(failure("FORBIDDEN", "founding needs the bootstrap token"));
  return session === undefined ? err(failure("SESSION_REQUIRED")) : ok();
}

async function checkTicket(
  genesis: ParsedLink,
  {
    ticket,
    chains,
    clock,
  }: { readonly ticket: Bytes | undefined; readonly chains: ChainMemory; readonly clock: Clock },
): Promise<Result<undefined, Failure>> {
  const consortium = chains.view.consortium();
  if (ticket === undefined || consortium === undefined) return err(failure("ENROLMENT_REFUSED"));
  const caKeyOf = (kid: Kid): { readonly orgId: OrgId; readonly publicKey: Bytes } | undefined => {
    for (const org of chains.view.orgs()) {
      const publicKey = org.caKeys.get(kid);
      if (publicKey !== undefined && consortium.orgs.has(org.id)) return { orgId: org.id, publicKey };
    }
    return undefined;
  };
  const opened = await verifyTicket(ticket, { consortiumId: consortium.id, caKeyOf, nowMs: clock.nowMs() });
  const isForThem = opened.ok && opened.value.userId === genesis.chainId;
  return isForThem ? ok() : err(failure("ENROLMENT_REFUSED"));
}

/** Equal digests instead of equal bytes: how long it takes says nothing about where they differ. */
function isToken(bytes: Bytes, token: string | undefined): boolean {
  if (token === undefined || token === "") return false;
  return digestOf(bytes) === digestOf(utf8ToBytes(token)) && equalBytes(bytes, utf8ToBytes(token));
}
