import {
  type Bytes,
  type CompId,
  type ConsortiumId,
  type Digest,
  err,
  type Failure,
  failure,
  idToBytes,
  type Kid,
  ok,
  type Result,
  type UserId,
} from "@caseroom/contract";
import { hpkeSeal, type KemKey } from "@caseroom/crypto/secret";
import { asArray, asBytes, decodeStrict, encodeCbor, HPKE_LABELS } from "@caseroom/crypto/verify";

/** wrap = CBOR[enc, ct]: a 32-byte key sealed to one recipient; `info` binds it to its place (protocol §4, §5.1). */
export type EpochWrapPlace = {
  readonly consortiumId: ConsortiumId;
  readonly compId: CompId;
  readonly e: number;
  /** Hash of the link before the one that names the wrap. */
  readonly p: Digest;
  readonly recipient: UserId;
  readonly pukGen: number;
  readonly signer: Kid;
};

export type PukWrapPlace = {
  readonly consortiumId: ConsortiumId;
  readonly userId: UserId;
  readonly g: number;
  readonly p: Digest;
  readonly device: Kid;
};

export type WrapFailure = Failure<"WRAP_INVALID">;

const KEY_BYTES = 32;

export function epochWrapInfo(place: EpochWrapPlace): Bytes {
  return encodeCbor([
    HPKE_LABELS.wrapEpoch,
    idToBytes(place.consortiumId),
    idToBytes(place.compId),
    place.e,
    idToBytes(place.p),
    idToBytes(place.recipient),
    place.pukGen,
    idToBytes(place.signer),
  ]);
}

export function pukWrapInfo(place: PukWrapPlace): Bytes {
  return encodeCbor([
    HPKE_LABELS.wrapPuk,
    idToBytes(place.consortiumId),
    idToBytes(place.userId),
    place.g,
    idToBytes(place.p),
    idToBytes(place.device),
  ]);
}

export async function sealWrap(input: {
  readonly publicKey: Bytes;
  readonly info: Bytes;
  readonly aad: Bytes;
  readonly key: Bytes;
}): Promise<Bytes> {
  const { enc, ct } = await hpkeSeal({
    publicKey: input.publicKey,
    info: input.info,
    aad: input.aad,
    plaintext: input.key,
  });
  return encodeCbor([enc, ct]);
}

export async function openWrap(input: {
  readonly key: KemKey;
  readonly wrap: Uint8Array;
  readonly info: Bytes;
  readonly aad: Bytes;
}): Promise<Result<Bytes, WrapFailure>> {
  const decoded = decodeStrict(input.wrap, { maxBytes: 2048 });
  const parts = decoded.ok ? asArray(decoded.value) : undefined;
  const enc = asBytes(parts?.[0]);
  const ct = asBytes(parts?.[1]);
  if (parts?.length !== 2 || enc === undefined || ct === undefined) return err(failure("WRAP_INVALID"));
  const opened = await input.key.open({ enc, ct, info: input.info, aad: input.aad });
  return opened.ok && opened.value.length === KEY_BYTES ? ok(opened.value) : err(failure("WRAP_INVALID"));
}
