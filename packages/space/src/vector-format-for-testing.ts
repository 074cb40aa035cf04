import { bytesToHex } from "@caseroom/contract";
import type { CborValue } from "@caseroom/crypto/verify";

/** The shapes of the files in contracts/vectors; README.md there says what each field is. Plain strings of bytes are hexadecimal. */

/** CBOR as JSON: byte strings are "h'…'", maps with text keys are objects. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

export type VectorFile<Case> = {
  readonly about: string;
  /** Labels of the registry (packages/crypto/src/labels.ts) that these cases exercise. */
  readonly labels: readonly string[];
  readonly cases: readonly Case[];
};

export type Signer = { readonly seed: string; readonly publicKey: string; readonly kid: string };

export type LinkCase = {
  readonly index: number;
  readonly ts: number;
  /** Links with the same number are accepted together or not at all. */
  readonly batch: number;
  readonly externalAad: string;
  readonly signers: readonly Signer[];
  readonly payload: Plain;
  readonly bytes: string;
  readonly hash: string;
  readonly chainId: string;
  /** Hashes of the wraps that the link names; hpke-wrap-puk.json and hpke-wrap-epoch.json hold them. */
  readonly wraps: readonly string[];
};

export type KdfCase = {
  readonly ikm: string;
  readonly consortiumId: string;
  readonly context: string;
  readonly generation: number;
  readonly info: string;
  readonly okm: string;
  /** Where the output is an X-Wing private key. */
  readonly publicKey?: string;
};

export type HpkeCase = {
  readonly recipientSeed: string;
  readonly recipientPublicKey: string;
  readonly info: Plain;
  readonly aad: string;
  readonly plaintext: string;
  readonly enc: string;
  readonly ct: string;
  /** SHA-256 of CBOR[enc, ct]. */
  readonly hash: string;
};

export type AeadCase = {
  readonly key: string;
  readonly nonce: string;
  readonly aad: Plain;
  readonly plaintext: string;
  readonly sealed: string;
};

export type FloeCase = {
  readonly key: string;
  readonly aad: Plain;
  readonly iv: string;
  readonly nonces: readonly string[];
  readonly plaintext: string;
  readonly header: string;
  readonly body: string;
};

export type CommitmentCase = { readonly secret: string; readonly input: Plain; readonly commitment: string };
export type ChainIdCase = { readonly genesis: string; readonly chainId: string };
export type PairingCase = {
  readonly userId: string;
  readonly signingKey: string;
  readonly kemKey: string;
  readonly code: string;
};

export type SignedCase = {
  readonly typ: string;
  readonly externalAad: string;
  readonly signer: Signer;
  readonly payload: Plain;
  readonly bytes: string;
};

export type EnvelopeCase = {
  readonly consortiumId: string;
  readonly spaceId: string;
  readonly compId: string;
  readonly oid: string;
  readonly e: number;
  readonly wt: 0 | 1;
  readonly epochSecret: string;
  readonly statement: SignedCase;
  /** SHA-256 of the statement's bytes. */
  readonly statementId: string;
  readonly header: string;
  readonly contentKey: string;
  /** wt 0: nonce of the wrapped content key. wt 1: the encapsulation, which is random and cannot be made again. */
  readonly wrapNonce?: string;
  readonly wrap?: { readonly enc: string; readonly ct: string };
  readonly floeIv: string;
  readonly floeNonce: string;
  readonly envelope: string;
  readonly hash: string;
  /** The moment at which its author is judged. */
  readonly at: { readonly index: number; readonly ts: number };
};

export type BlobCase = {
  readonly consortiumId: string;
  /** Byte i of the plaintext is i mod 251. */
  readonly plainLength: number;
  readonly floeIv: string;
  readonly nonces: readonly string[];
  readonly descriptor: Plain;
  readonly storedLength: number;
  readonly storedHash: string;
  /** Leaf hashes of the segments, one after another. */
  readonly tree: string;
  readonly range: {
    readonly from: number;
    readonly until: number;
    readonly offset: number;
    readonly length: number;
    readonly plaintextHash: string;
  };
};

export type FeedCase = {
  readonly kind: "entry" | "link";
  readonly bytes: string;
  readonly leaf: string;
  /** The head after this item. */
  readonly n: number;
  readonly root: string;
  readonly edge: string;
};

export type LeafCase = { readonly leaf: Plain; readonly bytes: string; readonly leafHash: string };
export type ProofCase = {
  readonly leaves: readonly string[];
  readonly inclusion: { readonly index: number; readonly size: number; readonly proof: readonly string[] };
  readonly consistency: { readonly size1: number; readonly size2: number; readonly proof: readonly string[] };
};
export type CheckpointCase = {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  readonly logKey: Signer;
  readonly cosignKey: Signer;
  readonly timeMs: number;
  readonly note: string;
};

/** A CBOR value in the notation of the files. */
export function toPlain(value: CborValue): Plain {
  if (value instanceof Uint8Array) return `h'${bytesToHex(value)}'`;
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, inner]) => [String(key), toPlain(inner)]));
  if (typeof value === "object" && value !== null && Symbol.iterator in value)
    return [...value].map((item) => toPlain(item as CborValue));
  if (typeof value === "object" && value !== null) throw new RangeError("not a CBOR value");
  return value;
}
