import { type ConsortiumId, expectOk, type Kid, type OrgId, parseId32 } from "@caseroom/contract";
import {
  appendLeaf,
  decodeEdge,
  edgeRoot,
  emptyEdge,
  encodeLogLeaf,
  feedLeafHash,
  leafHash,
  parseLogLeaf,
  parseSign1,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
  verifySign1,
} from "@caseroom/crypto/verify";
import { describe, expect, it } from "vitest";
import {
  bigEndian,
  cbor,
  coseSign1,
  hash,
  hex,
  join,
  leafOf,
  merkleRoot,
  octets,
  publicKeyOf,
  sign,
  text,
} from "./independent-path-for-testing.ts";
import { verifyReceipt, verifySessionStatement, verifyTicket } from "./statements.ts";
import type { CheckpointCase, FeedCase, LeafCase, ProofCase, SignedCase } from "./vector-format-for-testing.ts";
import { readCase, readCases } from "./vector-reading-for-testing.ts";
import { known } from "./vector-world-for-testing.ts";

describe("a feed", () => {
  it("has the same head after every item, appended or built whole", () => {
    const items = readCases<FeedCase>("feed-head");
    let edge = emptyEdge;
    const leaves: Uint8Array[] = [];
    for (const one of items) {
      edge = appendLeaf(edge, feedLeafHash(one.kind, octets(one.bytes)));
      leaves.push(leafOf(join(Uint8Array.of(one.kind === "link" ? 1 : 0), hash(octets(one.bytes)))));
      expect(hex(leaves.at(-1) ?? new Uint8Array(0))).toBe(one.leaf);
      expect([edge.size, hex(edgeRoot(edge))]).toEqual([one.n, one.root]);
      expect(hex(merkleRoot(leaves))).toBe(one.root);
      expect(hex(edgeRoot(known(decodeEdge(octets(one.edge)))))).toBe(one.root);
    }
  });
});

describe("the log", () => {
  it("has leaves of one encoding", () => {
    for (const one of readCases<LeafCase>("log-leaf")) {
      const leaf = expectOk(parseLogLeaf(octets(one.bytes)), "leaf");
      expect(hex(encodeLogLeaf(leaf))).toBe(one.bytes);
      expect(hex(cbor(one.leaf))).toBe(one.bytes);
      expect(hex(leafHash(octets(one.bytes)))).toBe(one.leafHash);
      expect(hex(leafOf(octets(one.bytes)))).toBe(one.leafHash);
    }
  });

  it("proves that a leaf is in it, and that it only grew", () => {
    const { leaves, inclusion, consistency } = readCase<ProofCase>("log-proof");
    const hashes = leaves.map((leaf) => leafOf(octets(leaf)));
    const rootAt = (size: number) => merkleRoot(hashes.slice(0, size));
    const { index, size, proof } = inclusion;
    const claim = { index, size, leaf: known(hashes[index]), root: rootAt(size), proof: proof.map(octets) };
    expect(verifyInclusion(claim)).toBe(true);
    expect(verifyInclusion({ ...claim, index: index + 1 })).toBe(false);
    const { size1, size2 } = consistency;
    const grown = { size1, size2, root1: rootAt(size1), root2: rootAt(size2), proof: consistency.proof.map(octets) };
    expect(verifyConsistency(grown)).toBe(true);
    expect(verifyConsistency({ ...grown, root1: rootAt(size1 + 1) })).toBe(false);
  });

  it("signs a checkpoint with both keys, and noble writes the same note", async () => {
    const one = readCase<CheckpointCase>("log-checkpoint");
    const { origin, size, logKey, cosignKey } = one;
    const keys = { origin, logKey: octets(logKey.publicKey), cosignKey: octets(cosignKey.publicKey) };
    const seconds = Math.floor(one.timeMs / 1000);
    expect(expectOk(await verifyCheckpoint(one.note, keys), "checkpoint")).toEqual({
      ...{ origin, size, root: octets(one.root) },
      cosignedAtMs: seconds * 1000,
    });
    const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    const keyId = (name: string, type: number, seed: string) =>
      hash(text(`${name}\n`), Uint8Array.of(type), publicKeyOf(seed)).subarray(0, 4);
    const body = `${origin}\n${size}\n${base64(octets(one.root))}\n`;
    const log = join(keyId(origin, 1, logKey.seed), sign(logKey.seed, text(body)));
    const timed = sign(cosignKey.seed, text(`cosignature/v1\ntime ${seconds}\n${body}`));
    const cosigner = `${origin}/cosign`;
    const cosign = join(keyId(cosigner, 4, cosignKey.seed), bigEndian(seconds, 8), timed);
    expect(`${body}\n— ${origin} ${base64(log)}\n— ${cosigner} ${base64(cosign)}\n`).toBe(one.note);
  });
});

describe("a short statement", () => {
  const names = ["signed-dev-pop", "signed-session", "signed-receipt", "signed-ticket"];

  it.each(names)("%s verifies here, and is the same bytes when made by hand", async (name) => {
    const one = readCase<SignedCase>(name);
    const parsed = expectOk(parseSign1(octets(one.bytes)), name);
    expect(parsed).toMatchObject({ kid: one.signer.kid, typ: one.typ, payload: cbor(one.payload) });
    const publicKey = octets(one.signer.publicKey);
    const signed = { parsed, typ: one.typ as Parameters<typeof verifySign1>[0]["typ"], publicKey };
    expect((await verifySign1({ ...signed, aad: octets(one.externalAad) })).ok).toBe(true);
    expect((await verifySign1({ ...signed, aad: octets("00".repeat(32)) })).ok).toBe(false);
    expect(hex(coseSign1(one.signer.seed, one.typ, cbor(one.payload), one.externalAad))).toBe(one.bytes);
  });

  it("signs a device in for this challenge and audience only", async () => {
    const one = readCase<SignedCase>("signed-session");
    const { challenge, audience } = one.payload as { challenge: string; audience: string };
    const input = {
      challenge: octets(challenge.slice(2, -1)),
      audience,
      consortiumId: consortiumOf(one),
      publicKeyOf: (kid: Kid) => (kid === one.signer.kid ? octets(one.signer.publicKey) : undefined),
    };
    expect(await verifySessionStatement(octets(one.bytes), input)).toEqual({ ok: true, value: one.signer.kid });
    for (const other of [{ audience: "other.test" }, { challenge: octets("00".repeat(32)) }])
      expect((await verifySessionStatement(octets(one.bytes), { ...input, ...other })).ok).toBe(false);
  });

  it("receipts hold under the log's key, tickets until they expire", async () => {
    const receipt = readCase<SignedCase>("signed-receipt");
    const logKey = octets(receipt.signer.publicKey);
    expect(await verifyReceipt(octets(receipt.bytes), logKey, consortiumOf(receipt))).toMatchObject({
      value: { n: 7 },
    });
    const ticket = readCase<SignedCase>("signed-ticket");
    const { org, exp } = ticket.payload as { org: string; exp: number };
    const orgId = known(parseId32<OrgId>(org.slice(2, -1)));
    const caKeyOf = () => ({ orgId, publicKey: octets(ticket.signer.publicKey) });
    const at = (nowMs: number) =>
      verifyTicket(octets(ticket.bytes), { consortiumId: consortiumOf(ticket), caKeyOf, nowMs });
    expect(await at(exp - 1)).toMatchObject({ value: { staffId: "staff-wong" } });
    expect(await at(exp)).toMatchObject({ error: { code: "ENROLMENT_REFUSED" } });
  });
});

function consortiumOf(one: SignedCase): ConsortiumId {
  return known(parseId32<ConsortiumId>(one.externalAad));
}
