import {
  type Bytes,
  bytesToId32,
  type CompId,
  equalBytes,
  err,
  failure,
  idToBytes,
  type Kid,
  type Oid,
  ok,
  type Random,
  type Result,
  type UserId,
} from "@caseroom/contract";
import { type SigningKey, sign1 } from "@caseroom/crypto/sign";
import {
  asArray,
  asBytes,
  asCount,
  type CborValue,
  decodeStrict,
  encodeCbor,
  isCborMap,
  parseSign1,
  SIGNED_TYPES,
  verifySign1,
} from "@caseroom/crypto/verify";
import type { ChainView } from "./chain-state.ts";
import type { EntryFailure } from "./entry.ts";
import type { EntryPlace } from "./entry-content.ts";
import type { Envelope } from "./envelope.ts";
import { openEnvelope, type SealTo, sealEnvelope } from "./envelope-seal.ts";
import type { Keyring } from "./keyring.ts";
import type { Moment } from "./moment.ts";
import { isDeviceActive } from "./principal.ts";

/** A device's word on how far it has received and its person has read (phase-1 §2.21). Positions count feed items. */
export type Mark = {
  readonly author: UserId;
  readonly kid: Kid;
  readonly delivered: number;
  readonly read: number;
  readonly t: number;
};

/** Seals a mark like an entry, under its own type; its object id is fresh every time. */
export async function sealMark(input: {
  readonly place: EntryPlace;
  readonly oid: Oid;
  readonly mark: Omit<Mark, "kid">;
  readonly signing: SigningKey;
  readonly to: SealTo;
  readonly random: Random;
}): Promise<Result<Bytes, { readonly code: "TOO_LARGE" | "STALE_EPOCH" }>> {
  const { place, mark, signing } = input;
  const sign = (headerHash: Bytes) => {
    const payload = encodeCbor(
      new Map<string, CborValue>([
        ["v", 1],
        ["x", [idToBytes(place.consortiumId), idToBytes(place.spaceId), headerHash]],
        ["au", idToBytes(mark.author)],
        ["comp", idToBytes(place.compId)],
        ["delivered", mark.delivered],
        ["read", mark.read],
        ["t", mark.t],
      ]),
    );
    return sign1({ typ: SIGNED_TYPES.mark, key: signing, payload, aad: idToBytes(place.consortiumId) });
  };
  const sealed = await sealEnvelope({ ...input, sign });
  return sealed.ok ? ok(sealed.value.envelope) : sealed;
}

/** Opens a mark that was found in this compartment; its device must be active and the author's. */
export async function openMark(input: {
  readonly envelope: Envelope;
  readonly place: EntryPlace;
  readonly keyring: Keyring;
  readonly view: ChainView;
  readonly at: Moment;
}): Promise<Result<Mark, EntryFailure>> {
  const { envelope, place, keyring, view, at } = input;
  const opened = await openEnvelope(envelope, place, keyring);
  if (!opened.ok) return opened;
  const parsed = parseSign1(opened.value.inner);
  if (!parsed.ok) return parsed;
  const { kid } = parsed.value;
  const owner = view.ownerOf(kid);
  const device = owner === undefined ? undefined : view.user(owner)?.devices.get(kid);
  if (owner === undefined || device === undefined || !isDeviceActive(device, at)) return err(failure("AUTHOR_INVALID"));
  const aad = idToBytes(place.consortiumId);
  const signed = await verifySign1({ parsed: parsed.value, typ: SIGNED_TYPES.mark, publicKey: device.signingKey, aad });
  if (!signed.ok) return signed;
  const mark = readMark(signed.value, place, opened.value.headerHash);
  if (mark === undefined || mark.author !== owner) return err(failure("ENVELOPE_INVALID"));
  return ok({ ...mark, kid });
}

function readMark(bytes: Bytes, place: EntryPlace, headerHash: Bytes): Omit<Mark, "kid"> | undefined {
  const decoded = decodeStrict(bytes, { maxBytes: 4096 });
  if (!decoded.ok || !isCborMap(decoded.value) || decoded.value.get("v") !== 1) return undefined;
  const map = decoded.value;
  const x = asArray(map.get("x"));
  const expected = [idToBytes(place.consortiumId), idToBytes(place.spaceId), headerHash];
  const isHere = x?.length === 3 && expected.every((part, i) => equalBytes(asBytes(x[i]) ?? new Uint8Array(0), part));
  const author = readUser(map.get("au"));
  const comp = readComp(map.get("comp"));
  const delivered = asCount(map.get("delivered"));
  const read = asCount(map.get("read"));
  const t = asCount(map.get("t"));
  if (!isHere || comp !== place.compId || author === undefined) return undefined;
  return delivered === undefined || read === undefined || t === undefined ? undefined : { author, delivered, read, t };
}

function readUser(value: CborValue | undefined): UserId | undefined {
  const bytes = asBytes(value, 32);
  return bytes === undefined ? undefined : bytesToId32<UserId>(bytes);
}

function readComp(value: CborValue | undefined): CompId | undefined {
  const bytes = asBytes(value, 32);
  return bytes === undefined ? undefined : bytesToId32<CompId>(bytes);
}
