import { type Client, encodeChat, parseChat } from "@caseroom/client";
import type { ResultCard } from "@caseroom/clinical";
import { encodeCard, parseCard } from "@caseroom/clinical";
import { type CompId, err, type Failure, failure, type Oid, ok, type Result } from "@caseroom/contract";
import type { MessageDraft } from "../engine/engine.ts";

/** A message of one's own that has not come back in the feed yet. */
export type OnItsWay = {
  readonly oid: Oid;
  readonly text: string;
  readonly card: ResultCard | undefined;
  readonly atMs: number;
  readonly state: "queued" | "stored";
};

/** Messages of this device between the composer and their coming back in the feed. */
export type SentMessages = {
  /** Durable on this device when it resolves. TOO_LARGE above what one entry may hold. */
  readonly send: (compId: CompId, draft: MessageDraft) => Promise<Result<undefined, Failure>>;
  /** Oldest first; without those that the feed already has. */
  readonly onItsWay: (compId: CompId, isInFeed: (oid: Oid) => boolean) => readonly OnItsWay[];
};

const MAX_TEXT = 10_000;

export function createSentMessages(deps: {
  readonly client: Pick<Client, "outbox">;
  readonly nowMs: () => number;
  readonly onChange: (compId: CompId) => void;
}): SentMessages {
  const { outbox } = deps.client;
  /** Accepted by the hub, and not seen in the feed yet. */
  const stored = new Map<CompId, Map<Oid, OnItsWay>>();
  return {
    send: async (compId, { text, card }) => {
      const cardText = card === undefined ? undefined : encodeCard(card);
      if (text.length > MAX_TEXT || (card !== undefined && cardText === undefined)) return err(failure("TOO_LARGE"));
      if (text === "" && card === undefined) return err(failure("BAD_REQUEST"));
      const atMs = deps.nowMs();
      const body = encodeChat({ text, ...(cardText === undefined ? {} : { card: cardText }) });
      const { oid, accepted } = await outbox.append(compId, { kind: "chat", body });
      const settle = async () => {
        const result = await accepted;
        if (!result.ok) return;
        const list = stored.get(compId) ?? new Map();
        stored.set(compId, list.set(oid, { oid, text, card, atMs, state: "stored" }));
        deps.onChange(compId);
      };
      settle().catch(reportError);
      return ok();
    },
    onItsWay: (compId, isInFeed) => {
      const accepted = stored.get(compId);
      for (const oid of [...(accepted?.keys() ?? [])]) if (isInFeed(oid)) accepted?.delete(oid);
      const waiting = outbox.waiting().flatMap(({ compId: where, oid, draft, createdMs }): readonly OnItsWay[] => {
        const chat = where === compId && draft.kind === "chat" ? parseChat(draft.body) : undefined;
        if (chat === undefined || isInFeed(oid)) return [];
        return [{ oid, text: chat.text, card: parseCard(chat.card), atMs: createdMs, state: "queued" }];
      });
      return [...(accepted?.values() ?? []), ...waiting];
    },
  };
}
