import {
  type Bytes,
  type CompId,
  type ConsortiumId,
  equalBytes,
  err,
  type Failure,
  failure,
  idToBytes,
  ok,
  type Random,
  type Result,
} from "@caseroom/contract";
import { aesGcmOpen, aesGcmSeal, deriveKey, hmac, type KemKey, kemKeyFromSeed } from "@caseroom/crypto/secret";
import { AAD_LABELS, encodeCbor, HASH_LABELS, KDF_LABELS } from "@caseroom/crypto/verify";

/** A compartment's secret during one epoch, and what comes from it (protocol §2). */
export type EpochPlace = { readonly consortiumId: ConsortiumId; readonly compId: CompId; readonly e: number };

export type Epoch = EpochPlace & { readonly secret: Bytes };

/** cmt_e: published in the link, so that everyone knows that all hold the same secret. */
export function epochCommitment({ compId, e, secret }: Epoch): Promise<Bytes> {
  return hmac("SHA-256", secret, encodeCbor([HASH_LABELS.epochCommitment, idToBytes(compId), e]));
}

/** The key pair for deposits by those who cannot read. */
export async function epochInbox(epoch: Epoch): Promise<KemKey> {
  return kemKeyFromSeed(await deriveKey(epoch.secret, KDF_LABELS.epochInbox, context(epoch)));
}

/** The key from which every object's key-wrapping key comes. */
export function epochObjectKey(epoch: Epoch): Promise<Bytes> {
  return deriveKey(epoch.secret, KDF_LABELS.epochObjects, context(epoch));
}

/** h.c: the earlier epoch's secret under this one's, so that a joiner reads all history (protocol §5.4). */
export async function sealHistory(input: {
  readonly epoch: Epoch;
  readonly previous: Bytes;
  readonly previousCommitment: Bytes;
  readonly random: Random;
}): Promise<Bytes> {
  const { epoch, previous, previousCommitment, random } = input;
  const key = await deriveKey(epoch.secret, KDF_LABELS.epochHistory, context(epoch));
  return aesGcmSeal({ key, plaintext: previous, aad: historyAad(epoch, previousCommitment), random });
}

/** The earlier epoch, checked against the commitment that its own link published. */
export async function openHistory(input: {
  readonly epoch: Epoch;
  readonly sealed: Bytes;
  readonly previous: { readonly e: number; readonly commitment: Bytes };
}): Promise<Result<Epoch, Failure<"WRAP_INVALID">>> {
  const { epoch, sealed, previous } = input;
  const key = await deriveKey(epoch.secret, KDF_LABELS.epochHistory, context(epoch));
  const opened = await aesGcmOpen({ key, sealed, aad: historyAad(epoch, previous.commitment) });
  if (!opened.ok) return err(failure("WRAP_INVALID", "history"));
  return checkEpoch({ ...epoch, e: previous.e, secret: opened.value }, previous.commitment);
}

/** Accepts a secret only if it is the one that the link committed to. */
export async function checkEpoch(epoch: Epoch, commitment: Bytes): Promise<Result<Epoch, Failure<"WRAP_INVALID">>> {
  const matches = epoch.secret.length === 32 && equalBytes(await epochCommitment(epoch), commitment);
  return matches ? ok(epoch) : err(failure("WRAP_INVALID", "another secret than the link commits to"));
}

function context(place: EpochPlace) {
  return { consortiumId: place.consortiumId, context: idToBytes(place.compId), generation: place.e };
}

function historyAad({ compId, e }: EpochPlace, previousCommitment: Bytes): Bytes {
  return encodeCbor([AAD_LABELS.history, idToBytes(compId), e, previousCommitment]);
}
