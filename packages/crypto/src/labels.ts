/**
 * The registry of labels (protocol §3.3 with phase-1 §1). A label is used in exactly one construction, so that no output of one
 * can stand for the output of another.
 */

/** COSE `typ` (header 16) of signed statements. */
export const SIGNED_TYPES = {
  link: "cr1/link",
  entry: "cr1/entry",
  mark: "cr1/mark",
  devicePossession: "cr1/dev-pop",
  session: "cr1/session",
  receipt: "cr1/receipt",
  ticket: "cr1/ticket",
  accept: "cr1/accept",
} as const;

/** HKDF info labels. */
export const KDF_LABELS = {
  pukKem: "cr1/puk/kem",
  pukHistory: "cr1/puk/hist",
  epochHistory: "cr1/epoch/hist",
  epochObjects: "cr1/epoch/obj",
  epochInbox: "cr1/epoch/inbox",
  objectKeyWrap: "cr1/obj/kw",
} as const;

/** First element of HPKE `info`. */
export const HPKE_LABELS = {
  wrapPuk: "cr1/wrap/puk",
  wrapEpoch: "cr1/wrap/epoch",
  deposit: "cr1/deposit",
} as const;

/** First element of AEAD associated data. */
export const AAD_LABELS = {
  object: "cr1/obj",
  blob: "cr1/blob",
  contentKey: "cr1/cek",
  history: "cr1/hist",
  pukHistory: "cr1/puk-hist",
} as const;

/** Domain separation of hashes and MACs. */
export const HASH_LABELS = {
  chain: "cr1/chain",
  epochCommitment: "cr1/epoch/commit",
  pairing: "cr1/pair",
} as const;

export type SignedType = (typeof SIGNED_TYPES)[keyof typeof SIGNED_TYPES];
export type KdfLabel = (typeof KDF_LABELS)[keyof typeof KDF_LABELS];
