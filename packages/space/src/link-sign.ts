import { type Bytes, type ChainId, type ConsortiumId, type Digest, expectOk, idToBytes } from "@caseroom/contract";
import { type SigningKey, sign1, signMany } from "@caseroom/crypto/sign";
import { type CborMap, type CborValue, EMPTY_ROOT, encodeCbor, SIGNED_TYPES } from "@caseroom/crypto/verify";
import { type ChainType, type CheckpointRef, LINK_VERSION, type ParsedLink, parseLink, SUITE } from "./link.ts";

/** Before anything has been seen: the empty log (phase-1 §2.4). */
export const NOTHING_SEEN: CheckpointRef = { size: 0, root: EMPTY_ROOT };

export type LinkDraft = {
  readonly ct: ChainType;
  /** The chain as it stands; `undefined` founds a new one. */
  readonly head: { readonly chainId: ChainId; readonly n: number; readonly hash: Digest } | undefined;
  readonly op: string;
  readonly body: CborMap;
  readonly cp: CheckpointRef | null;
  readonly nowMs: number;
};

/** Signs a link. Answers it parsed, so that a further link can be built upon it before anybody has accepted it. */
export async function signLink(
  draft: LinkDraft,
  keys: readonly SigningKey[],
  consortiumId: ConsortiumId | undefined,
): Promise<ParsedLink> {
  const payload = encodePayload(draft);
  const aad = consortiumId === undefined ? new Uint8Array(0) : idToBytes(consortiumId);
  const typ = SIGNED_TYPES.link;
  const [key] = keys;
  if (key === undefined) throw new RangeError("a link is signed by somebody");
  const isMany = draft.ct === "cons" || draft.ct === "org";
  const bytes: Bytes = isMany ? await signMany({ typ, keys, payload, aad }) : await sign1({ typ, key, payload, aad });
  return expectOk(parseLink(bytes), "a link of our own");
}

/** The head that a link leaves behind. */
export function headOf(link: ParsedLink): NonNullable<LinkDraft["head"]> {
  return { chainId: link.chainId, n: link.n + 1, hash: link.hash };
}

function encodePayload(draft: LinkDraft): Bytes {
  const { head, cp } = draft;
  return encodeCbor(
    new Map<string, CborValue>([
      ["v", LINK_VERSION],
      ["s", SUITE],
      ["ct", draft.ct],
      ["cid", head === undefined ? null : idToBytes(head.chainId)],
      ["n", head?.n ?? 0],
      ["p", head === undefined ? null : idToBytes(head.hash)],
      ["t", draft.nowMs],
      ["cp", cp === null ? null : [cp.size, cp.root]],
      ["op", draft.op],
      ["b", draft.body],
    ]),
  );
}
