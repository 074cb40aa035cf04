import { toBytes, utf8ToBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { decodeStrict, encodeCbor } from "./cbor.ts";
import { asArray } from "./cbor-fields.ts";
import { parseSign, parseSign1, verifySign, verifySign1 } from "./cose.ts";
import { sign1, signMany } from "./cose-sign.ts";
import { SIGNED_TYPES } from "./labels.ts";
import { mutations } from "./mutation-for-testing.ts";
import { signingKeyFromSeed } from "./signing-key.ts";

const consortium = toBytes(new Uint8Array(32).fill(9));
const payload = utf8ToBytes("a statement");
const key = await signingKeyFromSeed(toBytes(new Uint8Array(32).fill(1)));
const other = await signingKeyFromSeed(toBytes(new Uint8Array(32).fill(2)));
const signed = await sign1({
  typ: SIGNED_TYPES.link,
  key,
  payload,
  aad: consortium,
});

async function verdict(
  bytes: Uint8Array,
  options: {
    typ?: "cr1/link" | "cr1/entry";
    publicKey?: typeof key.publicKey;
    aad?: typeof consortium;
  } = {},
) {
  const parsed = parseSign1(bytes);
  if (!parsed.ok) return parsed.error.code;
  const { typ = SIGNED_TYPES.link, publicKey = key.publicKey, aad = consortium } = options;
  const verified = await verifySign1({
    parsed: parsed.value,
    typ,
    publicKey,
    aad,
  });
  return verified.ok ? "verified" : verified.error.code;
}

describe("a statement signed by one device", () => {
  it("verifies under the key it was enrolled with", async () => {
    expect(await verdict(signed)).toBe("verified");
  });

  it("does not verify as another type of statement, in another consortium, or under another key", async () => {
    expect(await verdict(signed, { typ: "cr1/entry" })).toBe("COSE_INVALID");
    expect(await verdict(signed, { aad: toBytes(new Uint8Array(32)) })).toBe("SIGNATURE_INVALID");
    expect(await verdict(signed, { publicKey: other.publicKey })).toBe("SIGNATURE_INVALID");
  });

  it("is refused with any byte changed", async () => {
    for (const mutated of mutations(signed))
      expect(await verdict(mutated.bytes), `byte ${mutated.at}`).not.toBe("verified");
  });

  it("has one encoding only: tagged, with an unprotected header, or with a further field it is refused", async () => {
    const decoded = decodeStrict(signed);
    const [header = null, , body = null, signature = null] = (decoded.ok && asArray(decoded.value)) || [];
    expect(await verdict(encodeCbor([header, new Map([[4, "kid"]]), body, signature]))).toBe("COSE_INVALID");
    expect(await verdict(encodeCbor([header, new Map(), body, signature, null]))).toBe("COSE_INVALID");
    expect(await verdict(toBytes([0xd2, ...signed]))).toBe("COSE_INVALID");
  });
});

describe("a statement signed by several keys", () => {
  const publicKeys = new Map([
    [key.kid, key.publicKey],
    [other.kid, other.publicKey],
  ]);

  it("verifies with every signer named, and with none that may not sign", async () => {
    const bytes = await signMany({
      typ: SIGNED_TYPES.link,
      keys: [other, key],
      payload,
      aad: consortium,
    });
    const parsed = parseSign(bytes);
    if (!parsed.ok) throw new Error("does not parse");
    const both = await verifySign({
      parsed: parsed.value,
      typ: SIGNED_TYPES.link,
      publicKeys,
      aad: consortium,
    });
    expect(both.ok && [...both.value.signers].sort()).toEqual([key.kid, other.kid].sort());
    const onlyOne = new Map([[key.kid, key.publicKey]]);
    const refused = await verifySign({
      parsed: parsed.value,
      typ: SIGNED_TYPES.link,
      publicKeys: onlyOne,
      aad: consortium,
    });
    expect(refused.ok).toBe(false);
  });

  it("is refused with any byte changed, or with one signer twice", async () => {
    const bytes = await signMany({
      typ: SIGNED_TYPES.link,
      keys: [key],
      payload,
      aad: consortium,
    });
    for (const mutated of mutations(bytes)) {
      const parsed = parseSign(mutated.bytes);
      const holds =
        parsed.ok &&
        (
          await verifySign({
            parsed: parsed.value,
            typ: SIGNED_TYPES.link,
            publicKeys,
            aad: consortium,
          })
        ).ok;
      expect(holds, `byte ${mutated.at}`).toBe(false);
    }
    expect(
      parseSign(
        await signMany({
          typ: SIGNED_TYPES.link,
          keys: [key, key],
          payload,
          aad: consortium,
        }),
      ).ok,
    ).toBe(false);
  });
});
