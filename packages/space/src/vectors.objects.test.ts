import { type CompId, type ConsortiumId, expectOk, parseId32, type SpaceId, toBytes } from "@caseroom/contract";
import { SEGMENT_BYTES, SEGMENT_PLAINTEXT } from "@caseroom/crypto/verify";
import { beforeAll, describe, expect, it } from "vitest";
import { countSegments, createBlobReader, parseBlobDescriptor, segmentRange } from "./blob.ts";
import { applyBatch, createDirectory, type Directory } from "./directory.ts";
import { openEntry } from "./entry.ts";
import { parseEnvelope } from "./envelope.ts";
import {
  cbor,
  coseSign1,
  derive,
  floe,
  hash,
  hex,
  hpkeOpen,
  join,
  leafOf,
  merkleRoot,
  octets,
  pad,
  padme,
  seal,
} from "./independent-path-for-testing.ts";
import { createKeyring } from "./keyring.ts";
import { parseLink } from "./link.ts";
import { openMark } from "./mark.ts";
import { decoded } from "./vector-chain-files-for-testing.ts";
import type { BlobCase, EnvelopeCase, LinkCase } from "./vector-format-for-testing.ts";
import { blobPlaintext } from "./vector-object-files-for-testing.ts";
import { readCase, readCases, vectorNames } from "./vector-reading-for-testing.ts";
import { known } from "./vector-world-for-testing.ts";

let directory: Directory;

beforeAll(async () => {
  directory = createDirectory();
  const links = vectorNames("link-")
    .flatMap((name) => readCases<LinkCase>(name))
    .sort((a, b) => a.index - b.index)
    .map(({ bytes, index, ts }) => ({ link: expectOk(parseLink(octets(bytes)), "link"), at: { index, ts } }));
  for (const state of expectOk(await applyBatch(directory, links), "history").states()) directory.set(state);
});

/** The envelope made a second time: everything but a random encapsulation comes from the vector's inputs. */
async function envelopeAgain(one: EnvelopeCase): Promise<string> {
  const { statement, consortiumId, spaceId, compId, oid, e, wt } = one;
  const header = cbor({ c: `h'${compId}'`, e, o: `h'${oid}'`, s: 1, v: 1, wt });
  const inner = coseSign1(statement.signer.seed, statement.typ, cbor(statement.payload), consortiumId);
  const aad = cbor(["cr1/obj", `h'${consortiumId}'`, `h'${spaceId}'`, `h'${hex(header)}'`]);
  const key = octets(one.contentKey);
  const sealed = floe({ key, aad, iv: one.floeIv, nonces: [one.floeNonce], plaintext: pad(inner) });
  const wrapped = one.wt === 0 ? wrapAgain(one, header, sealed.header) : await unwrapAgain(one, header, sealed.header);
  return hex(join(octets("84"), cbor(header), cbor(wrapped), cbor(sealed.header), cbor(join(...sealed.segments))));
}

function wrapAgain(one: EnvelopeCase, header: Uint8Array, floeHeader: Uint8Array): Uint8Array {
  const objectKey = derive(octets(one.epochSecret), "cr1/epoch/obj", one.consortiumId, one.compId, one.e);
  const kw = derive(objectKey, "cr1/obj/kw", one.consortiumId, one.compId + one.oid, one.e);
  const aad = cbor(["cr1/cek", `h'${hex(hash(header))}'`, `h'${hex(hash(floeHeader))}'`]);
  return seal(kw, known(one.wrapNonce), octets(one.contentKey), aad);
}

/** The encapsulation is taken from the vector, and must hold the vector's content key. */
async function unwrapAgain(one: EnvelopeCase, header: Uint8Array, floeHeader: Uint8Array): Promise<Uint8Array> {
  const { enc, ct } = known(one.wrap);
  const seed = derive(octets(one.epochSecret), "cr1/epoch/inbox", one.consortiumId, one.compId, one.e);
  const info = cbor(["cr1/deposit", `h'${one.consortiumId}'`, `h'${hex(hash(header))}'`]);
  const context = { info, aad: toBytes(floeHeader) };
  expect(hex(await hpkeOpen(seed, { enc: octets(enc), ct: octets(ct) }, context))).toBe(one.contentKey);
  return cbor([`h'${enc}'`, `h'${ct}'`]);
}

function opening(one: EnvelopeCase) {
  const consortiumId = known(parseId32<ConsortiumId>(one.consortiumId));
  const spaceId = known(parseId32<SpaceId>(one.spaceId));
  const compId = known(parseId32<CompId>(one.compId));
  const epoch = { consortiumId, compId, e: one.e, secret: octets(one.epochSecret) };
  return {
    envelope: expectOk(parseEnvelope(octets(one.envelope)), "envelope"),
    place: { consortiumId, spaceId, compId },
    keyring: createKeyring(compId, one.e, (e) => (e === one.e ? epoch : undefined)),
    view: directory,
    comp: known(directory.comp(compId)),
    at: one.at,
  };
}

describe("what people and gateways say", () => {
  it.each(["object-entry-wt0", "object-entry-wt1", "object-mark"])(
    "%s: signed, padded, sealed and wrapped a second time, it is the same bytes",
    async (name) => {
      const one = readCase<EnvelopeCase>(name);
      expect(await envelopeAgain(one)).toBe(one.envelope);
      expect(hex(hash(octets(one.statement.bytes)))).toBe(one.statementId);
      expect(hex(hash(octets(one.envelope)))).toBe(one.hash);
    },
  );

  it.each([
    ["object-entry-wt0", "chat"],
    ["object-entry-wt1", "fhir"],
  ])("%s: our code opens it and believes its author", async (name, kind) => {
    const one = readCase<EnvelopeCase>(name);
    const opened = expectOk(await openEntry(opening(one)), name);
    expect(opened).toMatchObject({ kind, entryId: one.statementId, oid: one.oid, kid: one.statement.signer.kid });
  });

  it("a mark says how far its author has read", async () => {
    const one = readCase<EnvelopeCase>("object-mark");
    const mark = expectOk(await openMark(opening(one)), "mark");
    expect(mark).toMatchObject({ delivered: 5, read: 4, kid: one.statement.signer.kid });
    expect(await openEntry(opening(one))).toMatchObject({ error: { code: "COSE_INVALID" } });
  });

  it("the same text under another epoch, or judged before its author was admitted, is refused", async () => {
    const one = readCase<EnvelopeCase>("object-entry-wt0");
    const input = opening(one);
    const other = createKeyring(input.place.compId, 1, () => ({
      ...input.place,
      e: 1,
      secret: octets("00".repeat(32)),
    }));
    expect(await openEntry({ ...input, keyring: other })).toMatchObject({ error: { code: "DECRYPT_FAILED" } });
    expect(await openEntry({ ...input, at: { index: 2, ts: one.at.ts } })).toMatchObject({
      error: { code: "AUTHOR_INVALID" },
    });
  });
});

describe("a blob", () => {
  const one = readCase<BlobCase>("object-blob");
  const descriptor = known(parseBlobDescriptor(decoded(cbor(one.descriptor))));
  const again = floe({
    key: descriptor.key,
    aad: cbor(["cr1/blob", `h'${one.consortiumId}'`, `h'${descriptor.blobId}'`]),
    iv: one.floeIv,
    nonces: one.nonces,
    plaintext: join(blobPlaintext(one.plainLength), new Uint8Array(padme(one.plainLength) - one.plainLength)),
  });
  const stored = join(again.header, ...again.segments);

  it("sealed a second time is the same bytes, tree and root", () => {
    expect(stored.length).toBe(one.storedLength);
    expect(hex(hash(stored))).toBe(one.storedHash);
    expect(hex(join(...again.segments.map(leafOf)))).toBe(one.tree);
    expect(merkleRoot(again.segments.map(leafOf))).toEqual(descriptor.root);
    expect(again.header).toEqual(descriptor.floeHeader);
    expect(again.segments.length).toBe(countSegments(one.plainLength));
  });

  it("opens one range by fetching only its segments", async () => {
    const { from, until, offset, length, plaintextHash } = one.range;
    const { first, last, ...place } = segmentRange(from, until);
    expect(place).toEqual({ offset, length });
    const consortiumId = known(parseId32<ConsortiumId>(one.consortiumId));
    const reader = expectOk(await createBlobReader(descriptor, consortiumId, octets(one.tree)), "reader");
    const fetched = stored.subarray(offset, offset + length);
    const parts: Uint8Array[] = [];
    for (let i = first; i <= last; i++) {
      const segment = toBytes(fetched.subarray((i - first) * SEGMENT_BYTES, (i - first + 1) * SEGMENT_BYTES));
      parts.push(expectOk(await reader.openSegment(i, segment), "segment"));
    }
    const start = from - first * SEGMENT_PLAINTEXT;
    expect(hex(hash(join(...parts).subarray(start, start + until - from)))).toBe(plaintextHash);
  });
});
