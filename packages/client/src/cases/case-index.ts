import { type EntryId, type Oid, type OrgId, parseId32, type SpaceId, TIERS, type UserId } from "@caseroom/contract";
import { asText, type CborValue, isCborMap } from "@caseroom/crypto/verify";
import { parseChat } from "../chat-body.ts";
import type { ReceivedEntry } from "../client-events.ts";
import { type CasePatient, parseRequest, type RequestEntry } from "../request-entry.ts";

/** Something said in the room of a case, at its place in the feed. */
export type Said = {
  readonly n: number;
  readonly entryId: EntryId;
  readonly oid: Oid;
  readonly author: UserId;
  readonly atMs: number;
  readonly content: SaidContent;
};

/** What an entry of a room says. */
export type SaidContent =
  | RequestEntry
  | { readonly type: "message"; readonly text: string; readonly card: string | undefined }
  | { readonly type: "chart-link"; readonly chart: SpaceId; readonly isLinked: boolean }
  /** Signed and sealed as it should be, and of a kind that this version cannot show. */
  | { readonly type: "newer" };

export type Invite = {
  readonly entryId: EntryId;
  readonly by: UserId;
  readonly orgId: OrgId;
  readonly staffId: string;
  readonly name: string;
  readonly role: string;
  readonly answer: "accept" | "decline" | undefined;
};

/** What the entries of a case say, taken together. */
export type CaseFile = {
  readonly name: string;
  readonly patient: CasePatient | undefined;
  readonly said: readonly Said[];
  readonly invites: ReadonlyMap<EntryId, Invite>;
  /** Charts that their own institutions have linked. */
  readonly charts: ReadonlySet<SpaceId>;
  /** Charts whose own institutions have taken the link back. */
  readonly apart: ReadonlySet<SpaceId>;
};

/** The cases by what was said in their rooms. Pure bookkeeping: who may write was checked when the entries were opened. */
export type CaseIndex = {
  /** False when the entry is not one of a room. */
  readonly take: (received: ReceivedEntry) => boolean;
  /** Forgets an entry that turned out not to hold; answers whose room it was. */
  readonly withdraw: (entryId: EntryId) => SpaceId | undefined;
  readonly file: (spaceId: SpaceId) => CaseFile;
};

/** Who may say what is read from the directory. */
export type CaseRules = {
  readonly isGatewayOf: (orgId: OrgId, userId: UserId) => boolean;
  readonly keepsChart: (chart: SpaceId, userId: UserId) => boolean;
};

/** An index with nothing in it yet; entries may come in any order. */
export function createCaseIndex(rules: CaseRules): CaseIndex {
  const rooms = new Map<SpaceId, Said[]>();
  const files = new Map<SpaceId, CaseFile>();
  return {
    take: ({ spaceId, tier, n, entry }) => {
      if (tier !== TIERS.room) return false;
      const said = rooms.get(spaceId) ?? [];
      rooms.set(spaceId, said);
      const { entryId, oid, author, t } = entry;
      const isLast = (said.at(-1)?.n ?? -1) < n;
      said.push({ n, entryId, oid, author, atMs: t, content: readContent(entry.kind, entry.body) });
      if (!isLast) said.sort((a, b) => a.n - b.n);
      files.delete(spaceId);
      return true;
    },
    withdraw: (entryId) => {
      for (const [spaceId, said] of rooms) {
        const at = said.findIndex((one) => one.entryId === entryId);
        if (at < 0) continue;
        said.splice(at, 1);
        files.delete(spaceId);
        return spaceId;
      }
      return undefined;
    },
    file: (spaceId) => {
      const file = files.get(spaceId) ?? compile(rooms.get(spaceId) ?? [], rules);
      files.set(spaceId, file);
      return file;
    },
  };
}

function compile(said: readonly Said[], rules: CaseRules): CaseFile {
  let name = "";
  let patient: CasePatient | undefined;
  const invites = new Map<EntryId, Invite>();
  const charts = new Set<SpaceId>();
  const apart = new Set<SpaceId>();
  for (const { entryId, author, content } of said) {
    switch (content.type) {
      case "case-info":
        name = content.name;
        patient = content.patient;
        break;
      case "invite": {
        const { orgId, staffId, role } = content;
        invites.set(entryId, { entryId, by: author, orgId, staffId, name: content.name, role, answer: undefined });
        break;
      }
      case "accept":
      case "decline": {
        const invite = invites.get(content.of);
        // Only the invited person's own institution answers for them.
        if (invite !== undefined && rules.isGatewayOf(invite.orgId, author))
          invites.set(content.of, { ...invite, answer: content.type });
        break;
      }
      case "chart-link":
        // And only whoever keeps a chart says whose it is.
        if (!rules.keepsChart(content.chart, author)) break;
        (content.isLinked ? charts : apart).add(content.chart);
        (content.isLinked ? apart : charts).delete(content.chart);
        break;
      case "message":
      case "newer":
    }
  }
  return { name, patient, said: [...said], invites, charts, apart };
}

function readContent(kind: string, body: CborValue): SaidContent {
  switch (kind) {
    case "chat": {
      const chat = parseChat(body);
      if (chat === undefined) return { type: "newer" };
      return { type: "message", text: chat.text, card: chat.card };
    }
    case "request":
      return parseRequest(body) ?? { type: "newer" };
    case "chartlink":
      return readChartLink(body) ?? { type: "newer" };
    default:
      return { type: "newer" };
  }
}

function readChartLink(body: CborValue): SaidContent | undefined {
  if (!isCborMap(body)) return undefined;
  const chart = parseId32<SpaceId>(asText(body.get("chart"), 64) ?? "");
  const what = body.get("t");
  if (chart === undefined || (what !== "link" && what !== "unlink")) return undefined;
  return { type: "chart-link", chart, isLinked: what === "link" };
}
