import type { Said } from "@caseroom/client";
import { parseCard } from "@caseroom/clinical";
import type { UserId } from "@caseroom/contract";
import { mayWrite } from "@caseroom/space/verify";
import type { RoomItem, RoomView } from "../engine/engine.ts";
import type { ImagingCard } from "../engine/imaging.ts";
import type { Gap } from "./alarms.ts";
import { countPeople, type SummaryInput, toPatientLabel } from "./case-summary.ts";
import { deliveryOf, type Position } from "./delivery.ts";
import { isFounding, staysIn } from "./membership.ts";

export type RoomInput = SummaryInput & {
  /** Everything below is proven by the log. */
  readonly coveredN: number;
  readonly gaps: readonly Gap[];
  /** Studies whose images have come since the case was opened. */
  readonly imaging: readonly { readonly card: ImagingCard; readonly atMs: number }[];
};

/** The room as a person reads it: in the order of the feed, with comings and goings where they fall, and what is on its way last. */
export function buildRoom(input: RoomInput): RoomView {
  const { spaceId, file, me, comp, names } = input;
  const role = comp?.members.get(me)?.role;
  const author = { userId: me, name: names(me).name, institution: names(me).institution };
  const own = input.onItsWay.map(
    ({ oid, text, card, atMs, state }): RoomItem => ({
      type: "message",
      id: oid,
      author,
      mine: true,
      text,
      card,
      atMs,
      state,
      deliveredTo: [],
      readBy: [],
      proof: "provisional",
    }),
  );
  return {
    spaceId,
    name: file.name,
    patient: toPatientLabel(file.patient),
    items: [...mergeByTime(feedItems(input), sideItems(input)), ...own],
    canWrite: !input.isRemoved && role !== undefined && mayWrite(role, "chat"),
    members: countPeople(comp, names),
  };
}

function feedItems(input: RoomInput): readonly RoomItem[] {
  const { file, gaps } = input;
  // What was refused stands before whatever else is known of that place.
  const placed = [
    ...gaps.map((gap) => ({ n: gap.n, gap, said: undefined })),
    ...file.said.map((said) => ({ n: said.n, gap: undefined, said })),
  ].sort((a, b) => a.n - b.n);
  // The others: one's own further devices do not count as somebody having it.
  const others = new Map(
    [...input.positions].filter(([userId]) => userId !== input.me && !input.names(userId).isGateway),
  );
  const items: RoomItem[] = [];
  let isCreated = false;
  for (const { n, gap, said } of placed) {
    if (gap !== undefined) {
      // Shown among its neighbours; when it was noticed stands in the list of alarms.
      const atMs = items.at(-1)?.atMs ?? gap.atMs;
      items.push({ type: "gap", id: `${gap.code}-${n}`, code: gap.code, author: undefined, atMs });
      continue;
    }
    const item = said.content.type === "case-info" && isCreated ? undefined : itemOf(said, input, others);
    if (said.content.type === "case-info") isCreated = true;
    if (item !== undefined) items.push(item);
  }
  return items;
}

function itemOf(
  said: Said,
  { me, file, names, coveredN }: RoomInput,
  others: ReadonlyMap<UserId, Position>,
): RoomItem | undefined {
  const { n, entryId: id, atMs, content } = said;
  const author = names(said.author);
  switch (content.type) {
    case "message": {
      const mine = said.author === me;
      const delivery = deliveryOf(n, mine ? others : new Map());
      return {
        type: "message",
        id,
        author: { userId: author.userId, name: author.name, institution: author.institution },
        mine,
        text: content.text,
        card: parseCard(content.card),
        atMs,
        state: delivery.state,
        deliveredTo: delivery.deliveredTo.map((userId) => names(userId).name),
        readBy: delivery.readBy.map((userId) => names(userId).name),
        proof: n < coveredN ? "logged" : "provisional",
      };
    }
    case "case-info":
      return { type: "event", id, event: "created", who: author.name, by: undefined, atMs };
    case "invite":
      return { type: "event", id, event: "invited", who: content.name, by: author.name, atMs };
    case "decline": {
      const invite = file.invites.get(content.of);
      if (invite?.answer !== "decline") return undefined;
      return { type: "event", id, event: "declined", who: invite.name, by: undefined, atMs };
    }
    case "chart-link":
      if (!file.charts.has(content.chart)) return undefined;
      return { type: "event", id, event: "record-linked", who: author.institution, by: undefined, atMs };
    case "newer":
      return { type: "gap", id, code: "UPDATE_REQUIRED", author: author.name, atMs };
    case "accept":
      // Whoever accepted is shown when they are in.
      return undefined;
  }
}

/** What happened beside the feed, in time. */
function sideItems(input: RoomInput): readonly RoomItem[] {
  const openedMs = input.file.said[0]?.atMs ?? 0;
  const images = input.imaging
    .filter(({ atMs }) => atMs >= openedMs)
    .map(({ card, atMs }): RoomItem => ({ type: "imaging", id: `images-${card.study}`, card, atMs }));
  return [...membershipItems(input), ...images].sort((a, b) => a.atMs - b.atMs);
}

function membershipItems({ comp, names }: RoomInput): readonly RoomItem[] {
  if (comp === undefined) return [];
  const items: RoomItem[] = [];
  for (const stay of staysIn(comp)) {
    const { userId, from, until } = stay;
    const { name, isGateway } = names(userId);
    if (isGateway) continue;
    const event = { type: "event", who: name, by: undefined } as const;
    if (!isFounding(comp, stay))
      items.push({ ...event, id: `joined-${userId}-${from.index}`, event: "joined", atMs: from.ts });
    if (until !== undefined)
      items.push({ ...event, id: `removed-${userId}-${until.index}`, event: "removed", atMs: until.ts });
  }
  return items;
}

/** The feed's own order is never disturbed: an author's clock only says where the other list falls into it. */
function mergeByTime(feed: readonly RoomItem[], others: readonly RoomItem[]): readonly RoomItem[] {
  const merged: RoomItem[] = [];
  let next = 0;
  for (const item of feed) {
    for (let other = others[next]; other !== undefined && other.atMs < item.atMs; other = others[++next])
      merged.push(other);
    merged.push(item);
  }
  return [...merged, ...others.slice(next)];
}
