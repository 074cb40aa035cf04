import {
  type Bytes,
  bytesToId32,
  compareBytes,
  err,
  type Failure,
  failure,
  idToBytes,
  type Kid,
  ok,
  type Result,
} from "@caseroom/contract";
import { type CborValue, decodeStrict, encodeCbor } from "./cbor.ts";
import { asArray, asArrayOf, asBytes, asText, isCborMap } from "./cbor-fields.ts";
import { verifyEd25519 } from "./ed25519.ts";
import type { SignedType } from "./labels.ts";

/** COSE algorithm Ed25519 (RFC 9864). */
export const COSE_ED25519 = -19;

const HEADER_ALG = 1;
const HEADER_KID = 4;
const HEADER_TYP = 16;
const MAX_SIGNERS = 8;

export type CoseFailure = Failure<"COSE_INVALID">;

/** COSE_Sign1 as Caseroom writes it: the untagged array [protected, {}, payload, signature] (RFC 9052 §4.2, phase-1 §2.10). */
export type ParsedSign1 = {
  readonly kid: Kid;
  readonly typ: string;
  readonly payload: Bytes;
  readonly protectedBytes: Bytes;
  readonly signature: Bytes;
};

/** COSE_Sign: [protected {16: typ}, {}, payload, [[protected {1: alg, 4: kid}, {}, signature] …]], signers ascending by kid. */
export type ParsedSign = {
  readonly typ: string;
  readonly payload: Bytes;
  readonly protectedBytes: Bytes;
  readonly signers: readonly {
    readonly kid: Kid;
    readonly protectedBytes: Bytes;
    readonly signature: Bytes;
  }[];
};

/** Takes a COSE_Sign1 apart. Nothing is verified yet; see {@link verifySign1}. */
export function parseSign1(bytes: Uint8Array): Result<ParsedSign1, CoseFailure> {
  const parts = decodeArray(bytes, 4);
  const protectedBytes = asBytes(parts?.[0]);
  const payload = asBytes(parts?.[2]);
  const signature = asBytes(parts?.[3], 64);
  if (protectedBytes === undefined || payload === undefined || signature === undefined || !isEmptyMap(parts?.[1])) {
    return err(failure("COSE_INVALID"));
  }
  const header = decodeHeader(protectedBytes, [HEADER_ALG, HEADER_KID, HEADER_TYP]);
  const kid = header === undefined ? undefined : readKid(header.get(HEADER_KID));
  const typ = asText(header?.get(HEADER_TYP), 64);
  if (kid === undefined || typ === undefined || header?.get(HEADER_ALG) !== COSE_ED25519) {
    return err(failure("COSE_INVALID"));
  }
  return ok({ kid, typ, payload, protectedBytes, signature });
}

/** Takes a COSE_Sign with one to eight signatures apart. Nothing is verified yet; see {@link verifySign}. */
export function parseSign(bytes: Uint8Array): Result<ParsedSign, CoseFailure> {
  const parts = decodeArray(bytes, 4);
  const protectedBytes = asBytes(parts?.[0]);
  const payload = asBytes(parts?.[2]);
  const signers = asArrayOf(parts?.[3], readSigner);
  const header = protectedBytes === undefined ? undefined : decodeHeader(protectedBytes, [HEADER_TYP]);
  const typ = asText(header?.get(HEADER_TYP), 64);
  if (protectedBytes === undefined || payload === undefined || signers === undefined || typ === undefined) {
    return err(failure("COSE_INVALID"));
  }
  const ascending = signers.every((signer, i) => {
    const before = signers[i - 1];
    return before === undefined || compareBytes(idToBytes(before.kid), idToBytes(signer.kid)) < 0;
  });
  if (!isEmptyMap(parts?.[1]) || !ascending || signers.length === 0 || signers.length > MAX_SIGNERS) {
    return err(failure("COSE_INVALID"));
  }
  return ok({ typ, payload, protectedBytes, signers });
}

/**
 * Verifies one signature under an *enrolled* key: the key decides the algorithm, and its kid and the statement's typ must be the
 * expected ones. `aad` is the consortium id (protocol §3.4), or empty for a consortium genesis (phase-1 §2.2).
 */
export async function verifySign1(input: {
  readonly parsed: ParsedSign1;
  readonly typ: SignedType;
  readonly publicKey: Bytes;
  readonly aad: Uint8Array;
}): Promise<Result<Bytes, Failure<"COSE_INVALID" | "SIGNATURE_INVALID">>> {
  const { parsed, typ, publicKey, aad } = input;
  if (parsed.typ !== typ) return err(failure("COSE_INVALID", "another type of statement"));
  const message = sign1Message(parsed.protectedBytes, aad, parsed.payload);
  if (!(await verifyEd25519(publicKey, message, parsed.signature))) return err(failure("SIGNATURE_INVALID"));
  return ok(parsed.payload);
}

/** Verifies every signature of a COSE_Sign; each kid must be among `publicKeys`. How many are needed is the caller's policy. */
export async function verifySign(input: {
  readonly parsed: ParsedSign;
  readonly typ: SignedType;
  readonly publicKeys: ReadonlyMap<Kid, Bytes>;
  readonly aad: Uint8Array;
}): Promise<
  Result<{ readonly payload: Bytes; readonly signers: readonly Kid[] }, Failure<"COSE_INVALID" | "SIGNATURE_INVALID">>
> {
  const { parsed, typ, publicKeys, aad } = input;
  if (parsed.typ !== typ) return err(failure("COSE_INVALID", "another type of statement"));
  for (const signer of parsed.signers) {
    const publicKey = publicKeys.get(signer.kid);
    if (publicKey === undefined) return err(failure("SIGNATURE_INVALID", "not a key that may sign this"));
    const message = signMessage(parsed.protectedBytes, signer.protectedBytes, aad, parsed.payload);
    if (!(await verifyEd25519(publicKey, message, signer.signature))) return err(failure("SIGNATURE_INVALID"));
  }
  return ok({
    payload: parsed.payload,
    signers: parsed.signers.map((signer) => signer.kid),
  });
}

/** RFC 9052 §4.4, context "Signature1". */
export function sign1Message(protectedBytes: Bytes, aad: Uint8Array, payload: Bytes): Bytes {
  return encodeCbor(["Signature1", protectedBytes, new Uint8Array(aad), payload]);
}

/** RFC 9052 §4.4, context "Signature". */
export function signMessage(body: Bytes, signer: Bytes, aad: Uint8Array, payload: Bytes): Bytes {
  return encodeCbor(["Signature", body, signer, new Uint8Array(aad), payload]);
}

/** The protected header of a COSE_Sign1, or (without `typ`) of one signer of a COSE_Sign. */
export function encodeSignerHeader(kid: Kid, typ?: SignedType): Bytes {
  const header = new Map<number, CborValue>([
    [HEADER_ALG, COSE_ED25519],
    [HEADER_KID, idToBytes(kid)],
  ]);
  if (typ !== undefined) header.set(HEADER_TYP, typ);
  return encodeCbor(header);
}

/** The protected header of the body of a COSE_Sign. */
export function encodeBodyHeader(typ: SignedType): Bytes {
  return encodeCbor(new Map([[HEADER_TYP, typ]]));
}

function readSigner(value: CborValue) {
  const parts = asArray(value);
  const protectedBytes = asBytes(parts?.[0]);
  const signature = asBytes(parts?.[2], 64);
  if (parts?.length !== 3 || protectedBytes === undefined || signature === undefined || !isEmptyMap(parts[1]))
    return undefined;
  const header = decodeHeader(protectedBytes, [HEADER_ALG, HEADER_KID]);
  const kid = readKid(header?.get(HEADER_KID));
  if (kid === undefined || header?.get(HEADER_ALG) !== COSE_ED25519) return undefined;
  return { kid, protectedBytes, signature };
}

function decodeArray(bytes: Uint8Array, length: number): readonly CborValue[] | undefined {
  const decoded = decodeStrict(bytes);
  const parts = decoded.ok ? asArray(decoded.value) : undefined;
  return parts?.length === length ? parts : undefined;
}

function decodeHeader(bytes: Bytes, keys: readonly number[]) {
  const decoded = decodeStrict(bytes, { maxBytes: 256 });
  if (!decoded.ok || !isCborMap(decoded.value) || decoded.value.size !== keys.length) return undefined;
  const header = decoded.value;
  return keys.every((key) => header.has(key)) ? header : undefined;
}

function readKid(value: CborValue | undefined): Kid | undefined {
  const bytes = asBytes(value, 32);
  return bytes === undefined ? undefined : bytesToId32<Kid>(bytes);
}

function isEmptyMap(value: CborValue | undefined): boolean {
  return isCborMap(value) && value.size === 0;
}
