import { type Bytes, type ConsortiumId, concatBytes, expectOk, idToBytes, toBytes } from "@caseroom/contract";
import { type SigningKey, sign1 } from "@caseroom/crypto/sign";
import {
  asArray,
  asBytes,
  type CborMap,
  type CborValue,
  decodeStrict,
  encodeCbor,
  isCborMap,
  SIGNED_TYPES,
} from "@caseroom/crypto/verify";

/** What a hub can make of other people's statements without their keys. */

/** The same content in another encoding: an array's length in two bytes instead of one (RFC 8949 §4.2.1 forbids it). */
export function reencode(bytes: Bytes): Bytes {
  const first = bytes[0] ?? 0;
  if (first >> 5 !== 4 || (first & 31) > 23) throw new RangeError("not a short array");
  return concatBytes(toBytes([0x98, first & 31]), bytes.subarray(1));
}

/** A link with another body under the old signature. */
export function alterLink(link: Bytes, change: (body: Map<string | number, CborValue>) => void): Bytes {
  const { parts, payload } = takeApart(link);
  return encodeCbor([parts[0] ?? null, parts[1] ?? null, alterBody(payload, change), parts[3] ?? null]);
}

/** A link with another body, signed anew by somebody else. */
export function resignLink(
  link: Bytes,
  by: { readonly key: SigningKey; readonly consortiumId: ConsortiumId },
  change: (body: Map<string | number, CborValue>) => void,
): Promise<Bytes> {
  const payload = alterBody(takeApart(link).payload, change);
  return sign1({ typ: SIGNED_TYPES.link, key: by.key, payload, aad: idToBytes(by.consortiumId) });
}

function takeApart(link: Bytes): { readonly parts: readonly CborValue[]; readonly payload: CborMap } {
  const parts = asArray(expectOk(decodeStrict(link), "a link"));
  const payload = expectOk(decodeStrict(asBytes(parts?.[2]) ?? toBytes([])), "a link's payload");
  if (parts === undefined || !isCborMap(payload)) throw new RangeError("not a link");
  return { parts, payload };
}

function alterBody(payload: CborMap, change: (body: Map<string | number, CborValue>) => void): Bytes {
  const body = payload.get("b");
  if (!isCborMap(body)) throw new RangeError("a link has a body");
  const altered = new Map(body);
  change(altered);
  return encodeCbor(new Map(payload).set("b", altered));
}
