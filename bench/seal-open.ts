import {
  type Bytes,
  bytesToId16,
  bytesToUtf8,
  concatBytes,
  expectOk,
  InvariantError,
  type Oid,
  systemRandom,
  toBytes,
} from "@caseroom/contract";
import { EMPTY_ROOT, FLOE_HEADER_BYTES, leafHash, SEGMENT_BYTES, SEGMENT_PLAINTEXT } from "@caseroom/crypto/verify";
import { createBlobReader, openBlob, openEntry, sealBlob, sealEntry } from "@caseroom/space/secret";
import { parseEnvelope } from "@caseroom/space/verify";
import { createTestConsortium } from "../packages/space/src/consortium-for-testing.ts";
import type { Bench, BenchOptions, Row } from "./figures.ts";
import { compareRates } from "./rates.ts";
import { rawEntry, rawSegments } from "./raw-primitives.ts";
import { wrapRows } from "./wrap-rates.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const BLOB_BYTES = 16 * MIB;
/** As many as a client has in flight when it opens a feed. */
const ENTRIES_IN_FLIGHT = 8;

export const sealOpen: Bench = {
  name: "seal-open",
  summary: "sealing and opening of entries, blobs and wraps beside their raw primitives",
  run: async (options) => {
    const plan = { rounds: options.isShort ? 1 : 5, seconds: options.isShort ? 0.3 : 2 };
    return [
      ...(await entryRows(KIB, plan)),
      ...(await entryRows(16 * KIB, plan)),
      ...(await blobRows(plan, options)),
      ...(await wrapRows(plan)),
    ];
  },
};

type Plan = { readonly rounds: number; readonly seconds: number };

async function entryRows(size: number, plan: Plan): Promise<readonly Row[]> {
  const world = await createTestConsortium("bench");
  const author = await world.addUser("Dr Cheung");
  const reader = await world.addUser("Dr Wong");
  const { spaceId, compId } = await world.createRoom(author, [{ user: reader, role: "reader" }]);
  const place = { consortiumId: world.consortiumId, spaceId, compId };
  const writing = await world.keyringOf(author, compId);
  const reading = await world.keyringOf(reader, compId);
  const text = bytesToUtf8(new Uint8Array(size).fill(0x61)) ?? "";
  const content = {
    author: author.userId,
    as: 1,
    ap: null,
    see: { n: 0, hash: EMPTY_ROOT, feedN: 0, feedHead: EMPTY_ROOT },
    cp: { size: 0, root: EMPTY_ROOT },
    t: 1,
    kind: "chat",
    role: "writer" as const,
    body: new Map([["text", text]]),
  };
  const seal = async () => {
    const oid = present(bytesToId16<Oid>(systemRandom(16)));
    const to = { keyring: writing };
    return sealEntry({ place, oid, content, signing: author.device.signing, to, random: systemRandom });
  };
  const { envelope } = expectOk(await seal(), "seal");
  const at = world.nextMoment();
  const comp = world.compState(compId);
  const open = async () => {
    const parsed = expectOk(parseEnvelope(envelope), "envelope");
    expectOk(await openEntry({ envelope: parsed, place, keyring: reading, view: world.directory, comp, at }), "open");
  };
  const raw = rawEntry(expectOk(parseEnvelope(envelope), "envelope").floeBody.length);
  const rates = await compareRates(
    [
      { name: "seal", run: seal },
      { name: "sign, HKDF, AES-GCM", run: raw.seal },
      { name: "open", run: open },
      { name: "verify, HKDF, AES-GCM", run: raw.open },
    ],
    { ...plan, inFlight: ENTRIES_IN_FLIGHT },
  );
  const label = `entry of ${size / KIB} KiB`;
  return [
    besideRow(rates, { figure: `${label}: seal`, name: "seal", unit: "entries/s" }, "sign, HKDF, AES-GCM"),
    besideRow(rates, { figure: `${label}: open`, name: "open", unit: "entries/s" }, "verify, HKDF, AES-GCM"),
  ];
}

/** One segment after another on both sides, as sealBlob and openBlob do it: the same concurrency. */
async function blobRows(plan: Plan, { say }: BenchOptions): Promise<readonly Row[]> {
  const world = await createTestConsortium("bench");
  const { consortiumId } = world;
  // Random bytes are asked for in pieces: one call gives at most 64 KiB.
  const plaintext = concatBytes(...Array.from({ length: BLOB_BYTES / (64 * KIB) }, () => systemRandom(64 * KIB)));
  const input = { consortiumId, plaintext, mediaType: "application/dicom", name: "ct.dcm", random: systemRandom };
  const { descriptor, stored } = await sealBlob(input);
  const tree = treeOf(stored);
  expectOk(await createBlobReader(descriptor, consortiumId, tree), "reader");
  const segments = Array.from({ length: Math.ceil(BLOB_BYTES / SEGMENT_PLAINTEXT) }, (_, i) =>
    toBytes(plaintext.subarray(i * SEGMENT_PLAINTEXT, (i + 1) * SEGMENT_PLAINTEXT)),
  );
  const raw = rawSegments(segments);
  say(`a blob of ${BLOB_BYTES / MIB} MiB is ${descriptor.segments} segments`);
  const rates = await compareRates(
    [
      { name: "seal", run: () => sealBlob(input) },
      { name: "AES-GCM + SHA-256", run: () => raw.seal(true) },
      { name: "AES-GCM alone", run: () => raw.seal(false) },
      { name: "open", run: async () => expectOk(await openBlob(descriptor, consortiumId, stored, tree), "open") },
      { name: "AES-GCM + SHA-256 back", run: raw.open },
    ],
    { ...plan, inFlight: 1 },
  );
  const inMib = new Map([...rates].map(([name, rate]) => [name, (rate * BLOB_BYTES) / MIB]));
  const unit = "MiB/s";
  return [
    besideRow(inMib, { figure: "blob of 16 MiB: seal", name: "seal", unit, target: 0.8 }, "AES-GCM + SHA-256"),
    besideRow(inMib, { figure: "blob of 16 MiB: open", name: "open", unit, target: 0.8 }, "AES-GCM + SHA-256 back"),
    besideRow(inMib, { figure: "blob of 16 MiB: seal, beside AES only", name: "seal", unit }, "AES-GCM alone"),
  ];
}

function treeOf(stored: Bytes): Bytes {
  const leaves: Bytes[] = [];
  for (let at = FLOE_HEADER_BYTES; at < stored.length; at += SEGMENT_BYTES)
    leaves.push(leafHash(stored.subarray(at, at + SEGMENT_BYTES)));
  return concatBytes(...leaves);
}

function besideRow(
  rates: ReadonlyMap<string, number>,
  row: { readonly figure: string; readonly name: string; readonly unit: string; readonly target?: number },
  peer: string,
): Row {
  const { figure, unit, target } = row;
  const beside = { name: peer, value: present(rates.get(peer)), ...(target === undefined ? {} : { target }) };
  return { figure, value: present(rates.get(row.name)), unit, better: "higher", beside };
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new InvariantError("measured before");
  return value;
}
