import { err, type Failure, failure, ok, type Result, type SpaceId, TIERS } from "@caseroom/contract";
import type { ChainView } from "@caseroom/space/verify";
import type { Client } from "../client.ts";
import type { ReceivedEntry } from "../client-events.ts";
import type { Compartment } from "../compartment.ts";
import { type NameBook, openNameBook } from "../name-book.ts";
import { type CaseFile, type CaseRules, createCaseIndex } from "./case-index.ts";

/** A case that this device is in. */
export type Case = CaseFile & {
  readonly spaceId: SpaceId;
  /** Where its members talk: what is appended here, all of them read. */
  readonly room: Compartment;
};

/** The cases of a device, kept in memory as their entries come. */
export type Cases = {
  readonly list: () => readonly Case[];
  /** The first case that fits, now or as soon as there is one; NOT_FOUND when there is none in time. */
  readonly find: (
    fits: (one: Case) => boolean,
    options?: { readonly timeoutMs?: number },
  ) => Promise<Result<Case, Failure<"NOT_FOUND">>>;
  /**
   * The record of a case's patient as it was deposited: FHIR entries of the charts that their own institutions have linked to the case, and of
   * no other. Which of them a number alone would join is left to people.
   */
  readonly deposits: (spaceId: SpaceId) => readonly ReceivedEntry[];
};

const FIND_MS = 60_000;

/** Listens to a client that has not started yet. */
export function followCases(client: Client, nowMs: () => number): Cases {
  const { directory } = client;
  const index = createCaseIndex(caseRules(directory));
  const charts = new Map<SpaceId, ReceivedEntry[]>();
  const deposited = (spaceId: SpaceId): ReceivedEntry[] => {
    const found = charts.get(spaceId) ?? [];
    charts.set(spaceId, found);
    return found;
  };
  const keep = (received: ReceivedEntry) => {
    const { spaceId, entry } = received;
    if (directory.space(spaceId)?.kind === "case") index.take(received);
    else if (entry.kind === "fhir") deposited(spaceId).push(received);
  };
  client.subscribe((event) => {
    if (event.type === "entries") for (const received of event.entries) keep(received);
    if (event.type !== "withdrawn") return;
    index.withdraw(event.entryId);
    for (const [spaceId, kept] of charts)
      charts.set(
        spaceId,
        kept.filter(({ entry }) => entry.entryId !== event.entryId),
      );
  });
  const list: Cases["list"] = () =>
    client.spaces().flatMap((space) => {
      const room = space.kind === "case" ? space.comp(TIERS.room) : undefined;
      return room === undefined ? [] : [{ ...index.file(space.spaceId), spaceId: space.spaceId, room }];
    });
  return {
    list,
    find: (fits, { timeoutMs = FIND_MS } = {}) =>
      new Promise((resolve) => {
        const settle = (result: Result<Case, Failure<"NOT_FOUND">>) => {
          clearTimeout(timer);
          stop();
          resolve(result);
        };
        const look = () => {
          const found = list().find(fits);
          if (found !== undefined) settle(ok(found));
        };
        const timer = setTimeout(() => settle(err(failure("NOT_FOUND"))), timeoutMs);
        const stop = client.subscribe(look);
        look();
      }),
    deposits: (spaceId) =>
      [...index.file(spaceId).charts]
        .filter((chart) => isInstitutionsChart(directory, chart, openNameBook(directory, nowMs())))
        .flatMap((chart) => charts.get(chart) ?? []),
  };
}

/** Who may answer for whom, and who may say whose a chart is, by the directory. */
export function caseRules(view: ChainView): CaseRules {
  return {
    isGatewayOf: (orgId, userId) => view.org(orgId)?.gateways.has(userId) === true,
    keepsChart: (chart, userId) => view.space(chart)?.admins.has(userId) === true,
  };
}

/**
 * A chart is an institution's own: its gateway administers it. Anybody can found a space and call it a chart; what stands in such a one
 * is nobody's record and must not reach a picture.
 */
export function isInstitutionsChart(view: ChainView, spaceId: SpaceId, nameOf: NameBook): boolean {
  const space = view.space(spaceId);
  return space?.kind === "chart" && [...space.admins.keys()].some((userId) => nameOf(userId).isGateway);
}
