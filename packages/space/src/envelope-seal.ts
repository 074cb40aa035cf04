import {
  type Bytes,
  type ConsortiumId,
  concatBytes,
  err,
  type Failure,
  failure,
  idToBytes,
  type Oid,
  ok,
  type Random,
  type Result,
  type SpaceId,
} from "@caseroom/contract";
import {
  aesGcmOpen,
  aesGcmSeal,
  deriveKey,
  floeOpen,
  floeSeal,
  hpkeSeal,
  padEntry,
  unpadEntry,
} from "@caseroom/crypto/secret";
import {
  AAD_LABELS,
  asArray,
  asBytes,
  decodeStrict,
  encodeCbor,
  HPKE_LABELS,
  KDF_LABELS,
  sha256,
} from "@caseroom/crypto/verify";
import type { EntryPlace } from "./entry-content.ts";
import { type Envelope, type EnvelopeHeader, encodeEnvelope, encodeHeader } from "./envelope.ts";
import type { Keyring } from "./keyring.ts";

/** The sealed object of protocol §5.2, around any signed statement: entries and marks. */

export type SealTo =
  /** For who reads: the content key is wrapped under the epoch's secret (wt 0). */
  | { readonly keyring: Keyring }
  /** For who deposits: the content key is sealed to the epoch's inbox (wt 1). */
  | { readonly e: number; readonly inboxKey: Bytes };

export type SealInput = {
  readonly place: EntryPlace;
  readonly oid: Oid;
  readonly to: SealTo;
  readonly random: Random;
  /** Makes the signed statement, which names the hash of the header. */
  readonly sign: (headerHash: Bytes) => Promise<Bytes>;
};

/** Signs, pads and encrypts; answers the envelope and the signed bytes inside, by whose hash an entry is known. */
export async function sealEnvelope(
  input: SealInput,
): Promise<Result<{ readonly envelope: Bytes; readonly inner: Bytes }, Failure<"TOO_LARGE" | "STALE_EPOCH">>> {
  const { place, oid, to, random } = input;
  const header: EnvelopeHeader = {
    compId: place.compId,
    oid,
    e: "keyring" in to ? to.keyring.newest : to.e,
    wt: "keyring" in to ? 0 : 1,
  };
  const headerBytes = encodeHeader(header);
  const headerHash = sha256(headerBytes);
  const inner = await input.sign(headerHash);
  const padded = padEntry(inner);
  if (!padded.ok) return padded;
  const key = random(32);
  const aad = objectAad(place, headerBytes);
  const { header: floeHeader, body: floeBody } = await floeSeal({ key, aad, plaintext: padded.value, random });
  const context = { headerHash, floeHeader, header, consortiumId: place.consortiumId };
  const wrappedKey =
    "keyring" in to
      ? await wrapUnderEpoch(to.keyring, key, context, random)
      : await sealToInbox(to.inboxKey, key, context);
  if (wrappedKey === undefined) return err(failure("STALE_EPOCH"));
  return ok({ envelope: encodeEnvelope({ headerBytes, wrappedKey, floeHeader, floeBody }), inner });
}

export type OpenFailure = Failure<"DECRYPT_FAILED" | "ENVELOPE_INVALID" | "CONTEXT_MISMATCH" | "STALE_EPOCH">;

/** Decrypts an envelope that was found at `place`; answers the signed statement inside, still to be verified. */
export async function openEnvelope(
  envelope: Envelope,
  place: EntryPlace,
  keyring: Keyring,
): Promise<Result<{ readonly inner: Bytes; readonly headerHash: Bytes }, OpenFailure>> {
  if (envelope.compId !== place.compId) return err(failure("CONTEXT_MISMATCH"));
  const headerHash = sha256(envelope.headerBytes);
  const { floeHeader, floeBody: body, wrappedKey } = envelope;
  const context = { headerHash, floeHeader, header: envelope, consortiumId: place.consortiumId };
  const key =
    envelope.wt === 0
      ? await unwrapUnderEpoch(keyring, wrappedKey, context)
      : await openFromInbox(keyring, wrappedKey, context);
  if (!key.ok) return key;
  const opened = await floeOpen({
    key: key.value,
    aad: objectAad(place, envelope.headerBytes),
    header: floeHeader,
    body,
  });
  if (!opened.ok) return opened;
  const inner = unpadEntry(opened.value);
  return inner.ok ? ok({ inner: inner.value, headerHash }) : inner;
}

type KeyContext = {
  readonly headerHash: Bytes;
  readonly floeHeader: Bytes;
  readonly header: EnvelopeHeader;
  readonly consortiumId: ConsortiumId;
};

/** KW = HKDF(K_obj_e, "cr1/obj/kw", compId ‖ oid, e). */
async function keyWrappingKey(keyring: Keyring, { header, consortiumId }: KeyContext): Promise<Bytes | undefined> {
  const objectKey = await keyring.objectKey(header.e);
  if (objectKey === undefined) return undefined;
  const context = concatBytes(idToBytes(header.compId), idToBytes(header.oid));
  return deriveKey(objectKey, KDF_LABELS.objectKeyWrap, { consortiumId, context, generation: header.e });
}

async function wrapUnderEpoch(
  keyring: Keyring,
  key: Bytes,
  context: KeyContext,
  random: Random,
): Promise<Bytes | undefined> {
  const kw = await keyWrappingKey(keyring, context);
  return kw === undefined ? undefined : aesGcmSeal({ key: kw, plaintext: key, aad: contentKeyAad(context), random });
}

async function unwrapUnderEpoch(
  keyring: Keyring,
  sealed: Bytes,
  context: KeyContext,
): Promise<Result<Bytes, OpenFailure>> {
  const kw = await keyWrappingKey(keyring, context);
  if (kw === undefined) return err(failure("STALE_EPOCH", "an epoch that is not open here"));
  return aesGcmOpen({ key: kw, sealed, aad: contentKeyAad(context) });
}

async function sealToInbox(publicKey: Bytes, key: Bytes, context: KeyContext): Promise<Bytes> {
  const { enc, ct } = await hpkeSeal({
    publicKey,
    info: depositInfo(context),
    aad: context.floeHeader,
    plaintext: key,
  });
  return encodeCbor([enc, ct]);
}

async function openFromInbox(
  keyring: Keyring,
  sealed: Bytes,
  context: KeyContext,
): Promise<Result<Bytes, OpenFailure>> {
  const inbox = await keyring.inbox(context.header.e);
  if (inbox === undefined) return err(failure("STALE_EPOCH", "an epoch that is not open here"));
  const decoded = decodeStrict(sealed, { maxBytes: 2048 });
  const parts = decoded.ok ? asArray(decoded.value) : undefined;
  const enc = asBytes(parts?.[0]);
  const ct = asBytes(parts?.[1]);
  if (parts?.length !== 2 || enc === undefined || ct === undefined) return err(failure("ENVELOPE_INVALID"));
  return inbox.open({ enc, ct, info: depositInfo(context), aad: context.floeHeader });
}

function objectAad(
  place: { readonly consortiumId: ConsortiumId; readonly spaceId: SpaceId },
  headerBytes: Bytes,
): Bytes {
  return encodeCbor([AAD_LABELS.object, idToBytes(place.consortiumId), idToBytes(place.spaceId), headerBytes]);
}

function contentKeyAad({ headerHash, floeHeader }: KeyContext): Bytes {
  return encodeCbor([AAD_LABELS.contentKey, headerHash, sha256(floeHeader)]);
}

function depositInfo({ consortiumId, headerHash }: KeyContext): Bytes {
  return encodeCbor([HPKE_LABELS.deposit, idToBytes(consortiumId), headerHash]);
}
