import {
  type Bytes,
  type ConsortiumId,
  type Digest,
  equalBytes,
  err,
  failure,
  idToBytes,
  type Kid,
  ok,
  type Random,
  type Result,
  type UserId,
} from "@caseroom/contract";
import { aesGcmOpen, aesGcmSeal, deriveKey, type KemKey, kemKeyFromSeed } from "@caseroom/crypto/secret";
import { AAD_LABELS, encodeCbor, KDF_LABELS } from "@caseroom/crypto/verify";
import type { PukState, UserState } from "./chain-state.ts";
import { openWrap, pukWrapInfo, type WrapFailure } from "./wrap.ts";

/** PUK_g: 32 bytes per generation, from which a user's receiving key and the key of the history come (protocol §2). */
export type PukRing = {
  readonly userId: UserId;
  /** The newest generation. */
  readonly g: number;
  readonly seed: Bytes;
  readonly keyOf: (g: number) => KemKey | undefined;
};

type Place = { readonly consortiumId: ConsortiumId; readonly userId: UserId; readonly g: number };

/** The receiving key of a generation. */
export async function derivePukKey(seed: Bytes, place: Place): Promise<KemKey> {
  return kemKeyFromSeed(await deriveKey(seed, KDF_LABELS.pukKem, context(place)));
}

/** PUK_{g−1} under PUK_g. */
export async function sealPukHistory(input: {
  readonly seed: Bytes;
  readonly previous: Bytes;
  readonly place: Place;
  readonly random: Random;
}): Promise<Bytes> {
  const { seed, previous, place, random } = input;
  const key = await deriveKey(seed, KDF_LABELS.pukHistory, context(place));
  return aesGcmSeal({ key, plaintext: previous, aad: historyAad(place), random });
}

async function openPukHistory(seed: Bytes, sealed: Bytes, place: Place): Promise<Result<Bytes, WrapFailure>> {
  const key = await deriveKey(seed, KDF_LABELS.pukHistory, context(place));
  const opened = await aesGcmOpen({ key, sealed, aad: historyAad(place) });
  return opened.ok ? opened : err(failure("WRAP_INVALID"));
}

/** What a device needs to open its user's keys. */
export type PukOpening = {
  readonly consortiumId: ConsortiumId;
  readonly user: UserState;
  readonly kid: Kid;
  readonly kemKey: KemKey;
  readonly fetchWrap: (hash: Digest) => Promise<Bytes | undefined>;
};

/**
 * Opens every generation: the newest from the wrap to this device, the earlier ones from the history. Each must regenerate the public key
 * that the chain names, so that no wrapped key stands for another (phase-1 §2.18).
 */
export async function openPuk(opening: PukOpening): Promise<Result<PukRing, WrapFailure>> {
  const { consortiumId, user, kid, kemKey } = opening;
  const ref = user.wraps.get(kid);
  const newest = user.puks.at(-1);
  const wrap = ref === undefined ? undefined : await opening.fetchWrap(ref.hash);
  if (ref === undefined || newest === undefined || wrap === undefined || ref.generation !== newest.g) {
    return err(failure("WRAP_INVALID", "no key for this device"));
  }
  const info = pukWrapInfo({ consortiumId, userId: user.id, g: newest.g, p: ref.p, device: kid });
  const seed = await openWrap({ key: kemKey, wrap, info, aad: newest.publicKey });
  if (!seed.ok) return seed;
  const keys = new Map<number, KemKey>();
  let current: Bytes = seed.value;
  for (const puk of user.puks.toReversed()) {
    const place = { consortiumId, userId: user.id, g: puk.g };
    const key = await derivePukKey(current, place);
    if (!equalBytes(key.publicKey, puk.publicKey))
      return err(failure("WRAP_INVALID", "another key than the chain names"));
    keys.set(puk.g, key);
    const previous = await step(current, puk, place);
    if (!previous.ok) return previous;
    if (previous.value === undefined) break;
    current = previous.value;
  }
  return ok({ userId: user.id, g: newest.g, seed: seed.value, keyOf: (g) => keys.get(g) });
}

async function step(seed: Bytes, puk: PukState, place: Place): Promise<Result<Bytes | undefined, WrapFailure>> {
  return puk.history === undefined ? ok(undefined) : openPukHistory(seed, puk.history, place);
}

function context(place: Place) {
  return { consortiumId: place.consortiumId, context: idToBytes(place.userId), generation: place.g };
}

function historyAad({ userId, g }: Place): Bytes {
  return encodeCbor([AAD_LABELS.pukHistory, idToBytes(userId), g]);
}
