import { type Bytes, compareBytes, idToBytes } from "@caseroom/contract";
import { type CborValue, encodeCbor } from "./cbor.ts";
import { encodeBodyHeader, encodeSignerHeader, sign1Message, signMessage } from "./cose.ts";
import type { SignedType } from "./labels.ts";
import type { SigningKey } from "./signing-key.ts";

const NO_UNPROTECTED: CborValue = new Map<string, CborValue>();

/** A COSE_Sign1 of `payload`; `aad` is the consortium id (protocol §3.4). */
export async function sign1(input: {
  readonly typ: SignedType;
  readonly key: SigningKey;
  readonly payload: Bytes;
  readonly aad: Uint8Array;
}): Promise<Bytes> {
  const { typ, key, payload, aad } = input;
  const protectedBytes = encodeSignerHeader(key.kid, typ);
  const signature = await key.sign(sign1Message(protectedBytes, aad, payload));
  return encodeCbor([protectedBytes, NO_UNPROTECTED, payload, signature]);
}

/** A COSE_Sign of `payload` by all `keys`. */
export async function signMany(input: {
  readonly typ: SignedType;
  readonly keys: readonly SigningKey[];
  readonly payload: Bytes;
  readonly aad: Uint8Array;
}): Promise<Bytes> {
  const { typ, keys, payload, aad } = input;
  const body = encodeBodyHeader(typ);
  const ordered = [...keys].sort((a, b) => compareBytes(idToBytes(a.kid), idToBytes(b.kid)));
  const signers: CborValue[] = [];
  for (const key of ordered) {
    const header = encodeSignerHeader(key.kid);
    signers.push([header, NO_UNPROTECTED, await key.sign(signMessage(body, header, aad, payload))]);
  }
  return encodeCbor([body, NO_UNPROTECTED, payload, signers]);
}
