import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { ed25519, gcm, hkdf, hmac, sha256, sha384 } from "../../crypto/src/noble-for-testing.ts";
import type { Plain } from "./vector-format-for-testing.ts";

/**
 * The protocol a second time, from its text and from other libraries: nothing here imports what it checks. It only makes bytes; tests
 * compare them with the vectors.
 */
type Octets = Uint8Array<ArrayBuffer>;

export function octets(hex: string): Octets {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function join(...parts: readonly Uint8Array[]): Octets {
  return Uint8Array.from(Buffer.concat(parts));
}

export function text(value: string): Octets {
  return Uint8Array.from(Buffer.from(value, "utf8"));
}

export function hash(...parts: readonly Uint8Array[]): Octets {
  return Uint8Array.from(sha256(join(...parts)));
}

/** RFC 8949 §4.2.1, of the notation of the files. */
export function cbor(value: Plain | Uint8Array | ReadonlyMap<number, Plain | Uint8Array>): Octets {
  if (value === null) return octets("f6");
  if (typeof value === "boolean") return octets(value ? "f5" : "f4");
  if (typeof value === "number") return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
  if (value instanceof Uint8Array) return join(cborHead(2, value.length), value);
  if (typeof value === "string") {
    if (/^h'[0-9a-f]*'$/.test(value)) return cbor(octets(value.slice(2, -1)));
    return join(cborHead(3, text(value).length), text(value));
  }
  if (value instanceof Map) return cborMap([...value].map(([key, inner]) => [cbor(key), cbor(inner)]));
  if (Array.isArray(value)) return join(cborHead(4, value.length), ...value.map((item) => cbor(item)));
  return cborMap(Object.entries(value).map(([key, inner]) => [cbor(key), cbor(inner)]));
}

function cborMap(pairs: readonly (readonly [Octets, Octets])[]): Octets {
  const sorted = [...pairs].sort(([a], [b]) => Buffer.compare(a, b));
  return join(cborHead(5, pairs.length), ...sorted.flat());
}

function cborHead(major: number, argument: number): Octets {
  const type = major * 32;
  if (argument < 24) return Uint8Array.of(type + argument);
  const width = [1, 2, 4, 8].find((bytes) => argument < 2 ** (8 * bytes)) ?? 8;
  return join(Uint8Array.of(type + 24 + Math.log2(width)), bigEndian(argument, width));
}

export function bigEndian(value: number, width: number): Octets {
  return octets(value.toString(16).padStart(2 * width, "0"));
}

export function publicKeyOf(seed: string): Octets {
  return Uint8Array.from(ed25519.getPublicKey(octets(seed)));
}

/** RFC 9679 thumbprint. */
export function kidOf(seed: string): Octets {
  return hash(
    cbor(
      new Map<number, Plain | Uint8Array>([
        [1, 1],
        [-1, 6],
        [-2, publicKeyOf(seed)],
      ]),
    ),
  );
}

export function sign(seed: string, message: Uint8Array): Octets {
  return Uint8Array.from(ed25519.sign(message, octets(seed)));
}

/** COSE_Sign1 over a Sig_structure made by hand (RFC 9052 §4.4). */
export function coseSign1(seed: string, typ: string, payload: Uint8Array, externalAad: string): Octets {
  const header = cbor(
    new Map<number, Plain | Uint8Array>([
      [1, -19],
      [4, kidOf(seed)],
      [16, typ],
    ]),
  );
  const message = array(cbor("Signature1"), cbor(header), cbor(octets(externalAad)), cbor(payload));
  return array(cbor(header), octets("a0"), cbor(payload), cbor(sign(seed, message)));
}

/** COSE_Sign, signers ascending by kid. */
export function coseSign(seeds: readonly string[], typ: string, payload: Uint8Array, externalAad: string): Octets {
  const body = cbor(new Map<number, Plain>([[16, typ]]));
  const sorted = [...seeds].sort((a, b) => Buffer.compare(kidOf(a), kidOf(b)));
  const signers = sorted.map((seed) => {
    const header = cbor(
      new Map<number, Plain | Uint8Array>([
        [1, -19],
        [4, kidOf(seed)],
      ]),
    );
    const message = array(cbor("Signature"), cbor(body), cbor(header), cbor(octets(externalAad)), cbor(payload));
    return array(cbor(header), octets("a0"), cbor(sign(seed, message)));
  });
  return array(cbor(body), octets("a0"), cbor(payload), array(...signers));
}

function array(...items: readonly Octets[]): Octets {
  return join(cborHead(4, items.length), ...items);
}

export function derive(
  ikm: Uint8Array,
  label: string,
  consortiumId: string,
  context: string,
  generation: number,
): Octets {
  const info = cbor([label, `h'${consortiumId}'`, `h'${context}'`, generation]);
  return Uint8Array.from(hkdf(sha256, ikm, new Uint8Array(0), info, 32));
}

export function mac(key: string, data: Uint8Array): Octets {
  return Uint8Array.from(hmac(sha256, octets(key), data));
}

/** nonce ‖ AES-256-GCM. */
export function seal(key: Uint8Array, nonce: string, plaintext: Uint8Array, aad: Uint8Array): Octets {
  return join(octets(nonce), gcm(key, octets(nonce), aad).encrypt(plaintext));
}

const SEGMENT = 262_144;

/** c2sp.org/FLOE with AES-GCM-256, HKDF-EXPAND-SHA-384, IV 32, segments of 262,144 bytes; at most 2^20 segments. */
export function floe(input: {
  readonly key: Uint8Array;
  readonly aad: Uint8Array;
  readonly iv: string;
  readonly nonces: readonly string[];
  readonly plaintext: Uint8Array;
}): { readonly header: Octets; readonly segments: readonly Octets[] } {
  const parameters = join(Uint8Array.of(0, 0), bigEndian(SEGMENT, 4), bigEndian(32, 4));
  // One block of HKDF-Expand: no output is longer than the hash.
  const kdf = (key: Uint8Array, purpose: Uint8Array, length: number) =>
    hmac(sha384, key, join(parameters, octets(input.iv), purpose, input.aad, Uint8Array.of(1))).subarray(0, length);
  const header = join(parameters, octets(input.iv), kdf(input.key, text("HEADER_TAG:"), 32));
  const messageKey = kdf(input.key, text("MESSAGE_KEY:"), 48);
  const key = kdf(messageKey, join(text("DEK:"), bigEndian(0, 8)), 32);
  const width = SEGMENT - 32;
  const segments = input.nonces.map((nonce, i) => {
    const isLast = i === input.nonces.length - 1;
    const plain = input.plaintext.subarray(i * width, isLast ? undefined : (i + 1) * width);
    const sealed = seal(key, nonce, plain, join(bigEndian(i, 8), Uint8Array.of(isLast ? 1 : 0)));
    return join(isLast ? bigEndian(4 + sealed.length, 4) : octets("ffffffff"), sealed);
  });
  return { header, segments };
}

/** u32be(length) ‖ content ‖ zeros, to max(1024, Padmé). */
export function pad(content: Uint8Array): Octets {
  const total = Math.max(1024, padme(content.length + 4));
  return join(bigEndian(content.length, 4), content, new Uint8Array(total - content.length - 4));
}

/** Padmé with the bit masks of its paper (PURBs, algorithm 1). */
export function padme(length: number): number {
  const exponent = 31 - Math.clz32(length);
  const size = 32 - Math.clz32(exponent);
  const mask = 2 ** (exponent - size) - 1;
  return ((length + mask) & ~mask) >>> 0;
}

/** RFC 6962 §2.1, by its recursive definition over leaf hashes. */
export function merkleRoot(leaves: readonly Uint8Array[]): Octets {
  const [first] = leaves;
  if (first === undefined) return hash();
  if (leaves.length === 1) return Uint8Array.from(first);
  const k = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1);
  return hash(Uint8Array.of(1), merkleRoot(leaves.slice(0, k)), merkleRoot(leaves.slice(k)));
}

export function leafOf(data: Uint8Array): Octets {
  return hash(Uint8Array.of(0), data);
}

const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

type Sealed = { readonly enc: Octets; readonly ct: Octets };
type Context = { readonly info: Octets; readonly aad: Octets };

export async function hpkeOpen(seed: Octets, { enc, ct }: Sealed, { info, aad }: Context): Promise<Octets> {
  const recipientKey = await suite.kem.deserializePrivateKey(seed.buffer);
  const recipient = await suite.createRecipientContext({ recipientKey, enc: enc.buffer, info: info.buffer });
  return new Uint8Array(await recipient.open(ct.buffer, aad.buffer));
}

export async function hpkeSealTo(publicKey: Octets, plaintext: Octets, { info, aad }: Context): Promise<Sealed> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey.buffer);
  const sender = await suite.createSenderContext({ recipientPublicKey, info: info.buffer });
  const ct = new Uint8Array(await sender.seal(plaintext.buffer, aad.buffer));
  return { enc: new Uint8Array(sender.enc), ct };
}
