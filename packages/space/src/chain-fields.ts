import {
  type Bytes,
  bytesToId32,
  type Digest,
  err,
  type Failure,
  failure,
  type Kid,
  ok,
  type Result,
  type UserId,
} from "@caseroom/contract";
import {
  asArrayOf,
  asBytes,
  asCount,
  asText,
  type CborMap,
  type CborValue,
  checkKemKey,
  checkSigningKey,
  isCborMap,
  keyThumbprint,
  type MapShape,
  unknownKeys,
} from "@caseroom/crypto/verify";

/** Readers of what occurs in several kinds of link. Each answers a refusal that names what is wrong, without any content. */

export type BodyFailure = Failure<"LINK_INVALID" | "UPDATE_REQUIRED" | "KEY_INVALID">;

/** A body with exactly these keys. A key beyond them comes from a newer protocol and is no reason to call a link false (phase-1 §3.11). */
export function checkBody(body: CborMap, shape: MapShape): Result<CborMap, BodyFailure> {
  if (!shape.required.every((key) => body.has(key))) return err(failure("LINK_INVALID", "a key is missing"));
  return unknownKeys(body, shape).length === 0 ? ok(body) : err(failure("UPDATE_REQUIRED"));
}

export function readUserId(value: CborValue | undefined): UserId | undefined {
  const bytes = asBytes(value, 32);
  return bytes === undefined ? undefined : bytesToId32<UserId>(bytes);
}

export function readKid(value: CborValue | undefined): Kid | undefined {
  const bytes = asBytes(value, 32);
  return bytes === undefined ? undefined : bytesToId32<Kid>(bytes);
}

export function readDigest(value: CborValue | undefined): Digest | undefined {
  const bytes = asBytes(value, 32);
  return bytes === undefined ? undefined : bytesToId32<Digest>(bytes);
}

/** Signing keys by their thumbprints, each fit to be enrolled, in ascending order of key bytes. */
export function readSigningKeys(value: CborValue | undefined): Result<ReadonlyMap<Kid, Bytes>, BodyFailure> {
  const keys = asArrayOf(value, (item) => asBytes(item, 32));
  if (keys === undefined || keys.length === 0 || keys.length > 16) return err(failure("LINK_INVALID", "keys"));
  const byKid = new Map<Kid, Bytes>();
  for (const key of keys) {
    const checked = checkSigningKey(key);
    if (!checked.ok) return checked;
    byKid.set(keyThumbprint(checked.value), checked.value);
  }
  return byKid.size === keys.length ? ok(byKid) : err(failure("LINK_INVALID", "a key occurs twice"));
}

/** dev = {sig, kem, kind, exp?} (phase-1 §2.18). */
export type DeviceRecord = {
  readonly kid: Kid;
  readonly signingKey: Bytes;
  readonly kemKey: Bytes;
  readonly kind: string;
};

export function readDevice(value: CborValue | undefined): Result<DeviceRecord, BodyFailure> {
  if (!isCborMap(value)) return err(failure("LINK_INVALID", "device"));
  const body = checkBody(value, { required: ["sig", "kem", "kind"], optional: ["exp"] });
  if (!body.ok) return body;
  const kind = asText(value.get("kind"), 32);
  const signingKey = checkSigningKey(asBytes(value.get("sig")) ?? new Uint8Array(0));
  if (!signingKey.ok) return signingKey;
  const kemKey = checkKemKey(asBytes(value.get("kem")) ?? new Uint8Array(0));
  if (!kemKey.ok) return kemKey;
  if (kind === undefined) return err(failure("LINK_INVALID", "device kind"));
  return ok({ kid: keyThumbprint(signingKey.value), signingKey: signingKey.value, kemKey: kemKey.value, kind });
}

/** [[recipient, pukGen, SHA-256(wrap)] …], strictly ascending by recipient (phase-1 §3.6). */
export type Recipient = { readonly userId: UserId; readonly pukGen: number; readonly wrap: Digest };

export function readRecipients(value: CborValue | undefined): readonly Recipient[] | undefined {
  const list = asArrayOf(value, (item) => {
    const userId = Array.isArray(item) && item.length === 3 ? readUserId(item[0]) : undefined;
    const pukGen = Array.isArray(item) ? asCount(item[1]) : undefined;
    const wrap = Array.isArray(item) ? readDigest(item[2]) : undefined;
    return userId === undefined || pukGen === undefined || wrap === undefined ? undefined : { userId, pukGen, wrap };
  });
  return list !== undefined && isAscending(list.map((one) => one.userId)) ? list : undefined;
}

/** Hexadecimal keeps the order of bytes. */
export function isAscending(ids: readonly string[]): boolean {
  return ids.every((id, i) => i === 0 || (ids[i - 1] ?? "") < id);
}
