import { bytesToHex, type ConsortiumId, parseId32, systemRandom, toBytes, utf8ToBytes } from "@caseroom/contract";
import { AeadId, Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { gcm } from "@noble/ciphers/aes.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aesGcmOpen, aesGcmSeal } from "./aead.ts";
import { encodeCbor } from "./cbor.ts";
import { checkKemKey, checkSigningKey } from "./cose-key.ts";
import { createFloeReader, createFloeWriter, floeOpen, floeSeal } from "./floe.ts";
import { SEGMENT_BYTES, SEGMENT_PLAINTEXT } from "./floe-layout.ts";
import { deriveKey } from "./hkdf.ts";
import { createJavaScriptSuite, hpkeSeal, kemKeyFromSeed } from "./hpke.ts";
import { KDF_LABELS } from "./labels.ts";
import { mutations } from "./mutation-for-testing.ts";
import { padEntry, padme, unpadEntry } from "./padding.ts";

const random = systemRandom;
const aad = utf8ToBytes("context");
const plaintext = utf8ToBytes("HbA1c 7.2 %");
const consortium = "11".repeat(32);
const consortiumId: ConsortiumId = parseId32<ConsortiumId>(consortium) ?? fail();

function fail(): never {
  throw new Error("the test's own id is wrong");
}

describe("AES-256-GCM", () => {
  it("opens with its key and context, agrees with a second implementation, and refuses every changed byte", async () => {
    const key = random(32);
    const sealed = await aesGcmSeal({ key, plaintext, aad, random });
    expect(await aesGcmOpen({ key, sealed, aad })).toEqual({
      ok: true,
      value: plaintext,
    });
    expect(toBytes(gcm(key, sealed.subarray(0, 12), aad).decrypt(sealed.subarray(12)))).toEqual(plaintext);
    for (const mutated of mutations(sealed))
      expect((await aesGcmOpen({ key, sealed: mutated.bytes, aad })).ok).toBe(false);
    expect((await aesGcmOpen({ key, sealed, aad: utf8ToBytes("another context") })).ok).toBe(false);
  });
});

describe("key derivation", () => {
  it("agrees with a second implementation and separates labels, contexts and generations", async () => {
    const ikm = random(32);
    const context = random(32);
    const derive = (label: (typeof KDF_LABELS)[keyof typeof KDF_LABELS], generation: number) =>
      deriveKey(ikm, label, { consortiumId, context, generation });
    const info = encodeCbor([KDF_LABELS.pukKem, new Uint8Array(32).fill(0x11), context, 3]);
    const mine = await derive(KDF_LABELS.pukKem, 3);
    expect(mine).toEqual(toBytes(hkdf(sha256, ikm, new Uint8Array(0), info, 32)));
    const all = await Promise.all([
      ...Object.values(KDF_LABELS).map((label) => derive(label, 3)),
      derive(KDF_LABELS.pukKem, 4),
    ]);
    expect(new Set(all.map(bytesToHex)).size).toBe(all.length);
  });
});

describe("sealing to a public key", () => {
  it("opens with the key of the seed, in both directions with a second implementation", async () => {
    const seed = random(32);
    const key = await kemKeyFromSeed(seed);
    const info = utf8ToBytes("info");
    const ours = await hpkeSeal({
      publicKey: key.publicKey,
      info,
      aad,
      plaintext,
    });
    expect(await key.open({ ...ours, info, aad })).toEqual({
      ok: true,
      value: plaintext,
    });

    const suite = new CipherSuite({
      kem: new XWing(),
      kdf: new HkdfSha256(),
      aead: new Aes256Gcm(),
    });
    expect(suite.aead.id).toBe(AeadId.Aes256Gcm);
    const theirPrivate = await suite.kem.deserializePrivateKey(seed.buffer);
    const opener = await suite.createRecipientContext({
      recipientKey: theirPrivate,
      enc: ours.enc.buffer,
      info: info.buffer,
    });
    expect(toBytes(new Uint8Array(await opener.open(ours.ct.buffer, aad.buffer)))).toEqual(plaintext);
    const theirPublic = await suite.kem.deserializePublicKey(key.publicKey.buffer);
    const sender = await suite.createSenderContext({
      recipientPublicKey: theirPublic,
      info: info.buffer,
    });
    const ct = toBytes(new Uint8Array(await sender.seal(plaintext.buffer, aad.buffer)));
    expect(
      await key.open({
        enc: toBytes(new Uint8Array(sender.enc)),
        ct,
        info,
        aad,
      }),
    ).toEqual({ ok: true, value: plaintext });
  });

  it("is the same in a browser without ML-KEM as here, in both directions", async () => {
    const seed = random(32);
    const key = await kemKeyFromSeed(seed);
    const info = utf8ToBytes("info");
    const browser = createJavaScriptSuite();
    const publicKey = await browser.DeserializePublicKey(key.publicKey);
    const privateKey = await browser.DeserializePrivateKey(seed, false);
    const theirs = await browser.Seal(publicKey, plaintext, { info, aad });
    const sealed = { enc: toBytes(theirs.encapsulatedSecret), ct: toBytes(theirs.ciphertext) };
    expect(await key.open({ ...sealed, info, aad })).toEqual({ ok: true, value: plaintext });
    const ours = await hpkeSeal({ publicKey: key.publicKey, info, aad, plaintext });
    expect(toBytes(await browser.Open({ privateKey, publicKey }, ours.enc, ours.ct, { info, aad }))).toEqual(plaintext);
  });

  it("refuses every changed byte, another info and another context", async () => {
    const key = await kemKeyFromSeed(random(32));
    const info = utf8ToBytes("info");
    const sealed = await hpkeSeal({
      publicKey: key.publicKey,
      info,
      aad,
      plaintext,
    });
    for (const { bytes } of mutations(sealed.enc))
      expect((await key.open({ ...sealed, enc: bytes, info, aad })).ok).toBe(false);
    for (const { bytes } of mutations(sealed.ct))
      expect((await key.open({ ...sealed, ct: bytes, info, aad })).ok).toBe(false);
    expect((await key.open({ ...sealed, info: aad, aad })).ok).toBe(false);
    expect((await key.open({ ...sealed, info, aad: info })).ok).toBe(false);
  });
});

describe("keys offered for enrolment", () => {
  it("are refused when small-order, non-canonical or of another length", () => {
    for (const hex of [
      "01".padEnd(64, "0"),
      "00".repeat(32),
      `ed${"ff".repeat(30)}7f`,
      `ee${"ff".repeat(30)}7f`,
      "00".repeat(31),
    ]) {
      expect(checkSigningKey(toBytes(Buffer.from(hex, "hex"))).ok, hex).toBe(false);
    }
  });

  it("are refused when poisoned: a low-order X25519 half, or ML-KEM coefficients beyond the modulus", async () => {
    const { publicKey } = await kemKeyFromSeed(random(32));
    expect(checkKemKey(publicKey).ok).toBe(true);
    const lowOrder = toBytes(publicKey);
    lowOrder.fill(0, 1184);
    expect(checkKemKey(lowOrder).ok).toBe(false);
    const beyondModulus = toBytes(publicKey);
    beyondModulus.fill(0xff, 0, 3);
    expect(checkKemKey(beyondModulus).ok).toBe(false);
    expect(checkKemKey(publicKey.subarray(1)).ok).toBe(false);
  });
});

describe("padding", () => {
  it("comes off again, has one form, and hides small differences of length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (content) => {
        const padded = padEntry(content);
        if (!padded.ok) throw new Error("fits");
        expect(unpadEntry(padded.value)).toEqual({
          ok: true,
          value: toBytes(content),
        });
        const longer = toBytes([...padded.value, 0]);
        expect(unpadEntry(longer).ok).toBe(false);
        const stained = toBytes(padded.value);
        stained[stained.length - 1] = 1;
        if (content.length + 4 < stained.length) expect(unpadEntry(stained).ok).toBe(false);
      }),
    );
    const lengthOf = (length: number) => {
      const padded = padEntry(new Uint8Array(length));
      return padded.ok ? padded.value.length : 0;
    };
    expect(new Set([0, 5, 100, 1020].map(lengthOf))).toEqual(new Set([1024]));
    expect(lengthOf(2001)).toBe(lengthOf(2040));
  });

  it("costs at most an eighth, and stops at 64 KiB", () => {
    for (let length = 2; length < 70_000; length += 37) expect(padme(length) / length).toBeLessThan(1.125);
    expect(padEntry(new Uint8Array(65_532)).ok).toBe(true);
    expect(padEntry(new Uint8Array(65_533)).ok).toBe(false);
  });
});

describe("FLOE", () => {
  const key = random(32);

  it("opens what it sealed, from nothing to several segments", async () => {
    for (const length of [0, 1, SEGMENT_PLAINTEXT - 1, SEGMENT_PLAINTEXT, SEGMENT_PLAINTEXT + 1]) {
      const content = toBytes(new Uint8Array(length).fill(length % 251));
      const sealed = await floeSeal({ key, aad, plaintext: content, random });
      expect(sealed.header.length).toBe(74);
      expect(sealed.body.length).toBe(length + 32 * Math.max(1, Math.ceil(length / SEGMENT_PLAINTEXT)));
      expect(await floeOpen({ key, aad, ...sealed })).toEqual({
        ok: true,
        value: content,
      });
    }
  });

  it("refuses every changed byte of header and small body, another key and another context", async () => {
    const sealed = await floeSeal({ key, aad, plaintext, random });
    for (const { bytes, at } of mutations(sealed.header))
      expect((await floeOpen({ key, aad, ...sealed, header: bytes })).ok, `${at}`).toBe(false);
    for (const { bytes, at } of mutations(sealed.body))
      expect((await floeOpen({ key, aad, ...sealed, body: bytes })).ok, `${at}`).toBe(false);
    expect((await floeOpen({ key: random(32), aad, ...sealed })).ok).toBe(false);
    expect((await floeOpen({ key, aad: utf8ToBytes("elsewhere"), ...sealed })).ok).toBe(false);
  });

  it("refuses segments out of place, cut off, or taken for the last one", async () => {
    const writer = await createFloeWriter({ key, aad, random });
    const first = await writer.sealSegment(0, false, toBytes(new Uint8Array(SEGMENT_PLAINTEXT)));
    const last = await writer.sealSegment(1, true, plaintext);
    const reader = await createFloeReader({ key, aad, header: writer.header });
    if (!reader.ok) throw new Error("the header holds");
    expect((await reader.value.openSegment(1, true, last)).ok).toBe(true);
    expect((await reader.value.openSegment(0, true, last)).ok).toBe(false);
    expect((await reader.value.openSegment(0, true, first)).ok).toBe(false);
    expect((await reader.value.openSegment(1, false, first)).ok).toBe(false);
    expect((await reader.value.openSegment(0, false, toBytes(first.subarray(0, SEGMENT_BYTES - 1)))).ok).toBe(false);
  });
});
