import type { UserId } from "@caseroom/contract";
import type { CompState, Moment } from "@caseroom/space/verify";

/** From when until when somebody was in a compartment, whatever their roles. */
export type Stay = { readonly userId: UserId; readonly from: Moment; readonly until: Moment | undefined };

/** Who came and went, in the order in which they came. A change of role is no coming and going. */
export function staysIn(comp: CompState): readonly Stay[] {
  const stays = new Map<UserId, Stay[]>();
  const spans = [
    ...comp.past,
    ...[...comp.members.values()].map(({ userId, from }) => ({ userId, from, until: undefined })),
  ];
  for (const { userId, from, until } of spans) {
    const own = stays.get(userId) ?? [];
    stays.set(userId, own);
    const last = own.at(-1);
    if (last?.until !== undefined && last.until.index === from.index) own[own.length - 1] = { ...last, until };
    else own.push({ userId, from, until });
  }
  return [...stays.values()].flat().sort((a, b) => a.from.index - b.from.index);
}

/** Whether somebody was there from the first commit on. */
export function isFounding(comp: CompState, { from }: Stay): boolean {
  return comp.epochs[0]?.at.index === from.index;
}
