import { bytesToHex, concatBytes, toBytes } from "@caseroom/contract";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { ml_kem768_x25519 } from "@noble/post-quantum/hybrid.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { aesGcmOpen } from "./aead.ts";
import { verifyEd25519, verifyWithNoble } from "./ed25519.ts";
import { hkdf, hmac } from "./hkdf.ts";
import { kemKeyFromSeed } from "./hpke.ts";
import { hex, readVectors, wycheproof } from "./published-vectors-for-testing.ts";
import { sha256 } from "./sha256.ts";
import { signingKeyFromSeed } from "./signing-key.ts";

describe("published vectors", () => {
  it("of Ed25519 are verified alike here and by noble", async () => {
    const file = readVectors(
      "wycheproof/ed25519_test.json",
      wycheproof({ publicKey: z.object({ pk: hex }) }, { msg: hex, sig: hex }),
    );
    let count = 0;
    for (const group of file.testGroups) {
      for (const test of group.tests) {
        const expected = test.result === "valid";
        expect(await verifyEd25519(group.publicKey.pk, test.msg, test.sig), `here ${test.tcId}`).toBe(expected);
        expect(verifyWithNoble(group.publicKey.pk, test.msg, test.sig), `noble ${test.tcId}`).toBe(expected);
        count++;
      }
    }
    expect(count).toBeGreaterThan(100);
  });

  it("of Ed25519 are signed alike here and by noble", async () => {
    const file = readVectors("wycheproof/ed25519_test.json", wycheproof({}, { msg: hex }));
    for (const { msg } of file.testGroups.flatMap((group) => group.tests)) {
      const seed = sha256(msg);
      const key = await signingKeyFromSeed(seed);
      expect(bytesToHex(await key.sign(msg))).toBe(bytesToHex(ed25519.sign(msg, seed)));
    }
  });

  it("of AES-256-GCM with a 96-bit nonce open or are refused as they say", async () => {
    const file = readVectors(
      "wycheproof/aes_gcm_test.json.gz",
      wycheproof(
        { keySize: z.number(), ivSize: z.number(), tagSize: z.number() },
        { key: hex, iv: hex, aad: hex, msg: hex, ct: hex, tag: hex },
      ),
    );
    const groups = file.testGroups.filter(
      (group) => group.keySize === 256 && group.ivSize === 96 && group.tagSize === 128,
    );
    expect(groups.length).toBeGreaterThan(0);
    for (const test of groups.flatMap((group) => group.tests)) {
      const opened = await aesGcmOpen({
        key: test.key,
        sealed: concatBytes(test.iv, test.ct, test.tag),
        aad: test.aad,
      });
      expect(opened.ok ? bytesToHex(opened.value) : "refused", `${test.tcId}`).toBe(
        test.result === "valid" ? bytesToHex(test.msg) : "refused",
      );
    }
  });

  it("of HMAC-SHA-256 are computed", async () => {
    const file = readVectors(
      "wycheproof/hmac_sha256_test.json",
      wycheproof({ tagSize: z.number() }, { key: hex, msg: hex, tag: hex }),
    );
    const tests = file.testGroups.flatMap((group) =>
      group.tests.map((test) => ({ ...test, bytes: group.tagSize / 8 })),
    );
    for (const test of tests.filter((candidate) => candidate.key.length > 0)) {
      const mac = bytesToHex((await hmac("SHA-256", test.key, test.msg)).subarray(0, test.bytes));
      expect(mac === bytesToHex(test.tag), `${test.tcId}`).toBe(test.result === "valid");
    }
  });

  it("of HKDF-SHA-256 are computed", async () => {
    const file = readVectors(
      "wycheproof/hkdf_sha256_test.json",
      wycheproof({}, { ikm: hex, salt: hex, info: hex, size: z.number(), okm: hex }),
    );
    for (const test of file.testGroups.flatMap((group) => group.tests).filter((one) => one.result === "valid")) {
      const okm = await hkdf({ ikm: test.ikm, salt: test.salt, info: test.info, length: test.size });
      expect(bytesToHex(okm), `${test.tcId}`).toBe(bytesToHex(test.okm));
    }
  });

  it("of X25519 agree with noble, which refuses low-order keys", () => {
    const file = readVectors(
      "wycheproof/x25519_test.json.gz",
      wycheproof({}, { public: hex, private: hex, shared: hex }),
    );
    for (const test of file.testGroups.flatMap((group) => group.tests)) {
      const isLowOrder = test.shared.every((byte) => byte === 0);
      const compute = () => bytesToHex(x25519.getSharedSecret(test.private, test.public));
      if (isLowOrder) expect(compute, `${test.tcId}`).toThrow();
      else expect(compute(), `${test.tcId}`).toBe(bytesToHex(test.shared));
    }
  });

  it("of ML-KEM-768 agree with noble", () => {
    const file = readVectors(
      "wycheproof/mlkem_768_test.json.gz",
      wycheproof({}, { seed: hex, ek: hex.optional(), c: hex, K: hex }),
    );
    const tests = file.testGroups.flatMap((group) => group.tests).filter((one) => one.result === "valid");
    expect(tests.length).toBeGreaterThan(0);
    for (const test of tests) {
      const { secretKey, publicKey } = ml_kem768.keygen(test.seed);
      if (test.ek !== undefined) expect(bytesToHex(publicKey), `${test.tcId}`).toBe(bytesToHex(test.ek));
      expect(bytesToHex(ml_kem768.decapsulate(test.c, secretKey)), `${test.tcId}`).toBe(bytesToHex(test.K));
    }
  });

  it("of X-Wing: our private form is theirs, and its public key is theirs", async () => {
    const vectors = readVectors(
      "xwing/test-vectors.json",
      z.array(z.object({ seed: hex, sk: hex, pk: hex, eseed: hex, ct: hex, ss: hex })),
    );
    for (const vector of vectors) {
      const key = await kemKeyFromSeed(vector.sk);
      expect(bytesToHex(key.publicKey)).toBe(bytesToHex(vector.pk));
      const encapsulated = ml_kem768_x25519.encapsulate(vector.pk, vector.eseed);
      expect(bytesToHex(toBytes(encapsulated.cipherText))).toBe(bytesToHex(vector.ct));
      expect(bytesToHex(toBytes(encapsulated.sharedSecret))).toBe(bytesToHex(vector.ss));
    }
  });
});
