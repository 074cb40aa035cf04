import { asText, type CborMap, type CborValue, isCborMap } from "@caseroom/crypto/verify";

/** Body of a `chat` entry: text, and optionally a card as JSON text that the reading app parses with its own schema. */
export type ChatBody = { readonly text: string; readonly card?: string };

const MAX_TEXT = 10_000;
const MAX_CARD = 16_384;

export function encodeChat(body: ChatBody): CborMap {
  const map = new Map<string, CborValue>([["text", body.text]]);
  if (body.card !== undefined) map.set("card", body.card);
  return map;
}

export function parseChat(value: CborValue): ChatBody | undefined {
  if (!isCborMap(value)) return undefined;
  const text = asText(value.get("text"), MAX_TEXT);
  if (text === undefined) return undefined;
  const card = value.has("card") ? asText(value.get("card"), MAX_CARD) : undefined;
  return { text, ...(card === undefined ? {} : { card }) };
}
