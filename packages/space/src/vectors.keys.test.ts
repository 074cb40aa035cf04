import { type ConsortiumId, concatBytes, parseId32, type UserId } from "@caseroom/contract";
import { aesGcmOpen, deriveKey, floeOpen, hmac, hpkeSeal, kemKeyFromSeed } from "@caseroom/crypto/secret";
import { encodeCbor, KDF_LABELS, sha256 } from "@caseroom/crypto/verify";
import { describe, expect, it } from "vitest";
import {
  cbor,
  derive,
  floe,
  hash,
  hex,
  hpkeOpen,
  hpkeSealTo,
  join,
  mac,
  octets,
  seal,
  text,
} from "./independent-path-for-testing.ts";
import { chainIdOf } from "./link.ts";
import { pairingCode } from "./pairing-code.ts";
import type {
  AeadCase,
  ChainIdCase,
  CommitmentCase,
  FloeCase,
  HpkeCase,
  KdfCase,
  PairingCase,
} from "./vector-format-for-testing.ts";
import { readCase, readCases, readVectorFile, vectorNames } from "./vector-reading-for-testing.ts";
import { known } from "./vector-world-for-testing.ts";

describe("key derivation", () => {
  it.each(vectorNames("kdf-"))("%s comes out the same with WebCrypto and with noble", async (name) => {
    const { cases, labels } = readVectorFile<KdfCase>(name);
    const label = known(Object.values(KDF_LABELS).find((one) => one === labels[0]));
    expect(cases.length).toBeGreaterThan(1);
    for (const one of cases) {
      const place = {
        consortiumId: known(parseId32<ConsortiumId>(one.consortiumId)),
        context: octets(one.context),
        generation: one.generation,
      };
      expect(hex(await deriveKey(octets(one.ikm), label, place))).toBe(one.okm);
      expect(hex(derive(octets(one.ikm), label, one.consortiumId, one.context, one.generation))).toBe(one.okm);
      expect(hex(cbor([label, `h'${one.consortiumId}'`, `h'${one.context}'`, one.generation]))).toBe(one.info);
      if (one.publicKey !== undefined)
        expect(hex((await kemKeyFromSeed(octets(one.okm))).publicKey)).toBe(one.publicKey);
    }
  });
});

describe("sealing to a public key", () => {
  it.each(vectorNames("hpke-"))("%s opens with `hpke` and with `@hpke/core`, and nowhere else", async (name) => {
    for (const one of readCases<HpkeCase>(name)) {
      const key = await kemKeyFromSeed(octets(one.recipientSeed));
      expect(hex(key.publicKey)).toBe(one.recipientPublicKey);
      const sealed = { enc: octets(one.enc), ct: octets(one.ct) };
      const context = { info: cbor(one.info), aad: octets(one.aad) };
      expect(await key.open({ ...sealed, ...context })).toEqual({ ok: true, value: octets(one.plaintext) });
      expect(hex(await hpkeOpen(octets(one.recipientSeed), sealed, context))).toBe(one.plaintext);
      expect((await key.open({ ...sealed, ...context, info: join(context.info, text(" ")) })).ok).toBe(false);
      expect(hex(sha256(encodeCbor([sealed.enc, sealed.ct])))).toBe(one.hash);
      expect(hex(hash(octets("82"), cbor(sealed.enc), cbor(sealed.ct)))).toBe(one.hash);
    }
  });

  it("goes both ways: what one library seals, the other opens", async () => {
    for (const name of vectorNames("hpke-")) {
      const one = known(readCases<HpkeCase>(name)[0]);
      const context = { info: cbor(one.info), aad: octets(one.aad) };
      const plaintext = octets(one.plaintext);
      const publicKey = octets(one.recipientPublicKey);
      const ours = await hpkeSeal({ publicKey, plaintext, ...context });
      expect(hex(await hpkeOpen(octets(one.recipientSeed), ours, context))).toBe(one.plaintext);
      const theirs = await hpkeSealTo(publicKey, plaintext, context);
      const key = await kemKeyFromSeed(octets(one.recipientSeed));
      expect(await key.open({ ...theirs, ...context })).toEqual({ ok: true, value: plaintext });
    }
  });
});

describe("sealing under a key", () => {
  it.each(["aad-cek", "aad-hist", "aad-puk-hist"])(
    "%s opens with WebCrypto, and noble seals the same bytes",
    async (name) => {
      for (const one of readCases<AeadCase>(name)) {
        const sealed = octets(one.sealed);
        const opened = await aesGcmOpen({ key: octets(one.key), sealed, aad: cbor(one.aad) });
        expect(opened).toEqual({ ok: true, value: octets(one.plaintext) });
        expect(hex(seal(octets(one.key), one.nonce, octets(one.plaintext), cbor(one.aad)))).toBe(one.sealed);
      }
    },
  );

  it.each(["aad-obj", "aad-blob"])("%s opens with WebCrypto, and noble seals the same bytes", async (name) => {
    for (const one of readCases<FloeCase>(name)) {
      const parts = { key: octets(one.key), aad: cbor(one.aad) };
      const opened = await floeOpen({ ...parts, header: octets(one.header), body: octets(one.body) });
      expect(opened).toEqual({ ok: true, value: octets(one.plaintext) });
      const { iv, nonces } = one;
      const again = floe({ ...parts, iv, nonces, plaintext: octets(one.plaintext) });
      expect(hex(again.header)).toBe(one.header);
      expect(hex(join(...again.segments))).toBe(one.body);
    }
  });
});

describe("what is hashed", () => {
  it("commits to an epoch's secret", async () => {
    for (const one of readCases<CommitmentCase>("hash-epoch-commit")) {
      expect(hex(await hmac("SHA-256", octets(one.secret), cbor(one.input)))).toBe(one.commitment);
      expect(hex(mac(one.secret, cbor(one.input)))).toBe(one.commitment);
    }
  });

  it("names a chain by its genesis", () => {
    for (const one of readCases<ChainIdCase>("hash-chain")) {
      expect(chainIdOf(octets(one.genesis))).toBe(one.chainId);
      expect(hex(hash(text("cr1/chain"), octets(one.genesis)))).toBe(one.chainId);
    }
  });

  it("is shown as a code that a person compares", () => {
    const one = readCase<PairingCase>("hash-pair");
    const keys = { signingKey: octets(one.signingKey), kemKey: octets(one.kemKey) };
    expect(pairingCode({ userId: known(parseId32<UserId>(one.userId)), ...keys })).toBe(one.code);
    const digest = hash(concatBytes(text("cr1/pair"), octets(one.userId), keys.signingKey, keys.kemKey));
    const bits = [...digest].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const letters = Array.from({ length: 16 }, (_, i) => Number.parseInt(bits.slice(5 * i, 5 * i + 5), 2));
    const written = letters.map((value) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ".charAt(value)).join("");
    expect(one.code.replaceAll("-", "")).toBe(written);
  });
});
