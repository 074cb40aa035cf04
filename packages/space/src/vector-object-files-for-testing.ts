import {
  type Bytes,
  bytesToHex,
  bytesToId16,
  concatBytes,
  expectOk,
  idToBytes,
  type Kid,
  type Oid,
  toBytes,
  utf8ToBytes,
} from "@caseroom/contract";
import { aesGcmOpen, deriveKey, floeOpen, floeSeal, padEntry } from "@caseroom/crypto/secret";
import {
  AAD_LABELS,
  asArray,
  asBytes,
  type CborValue,
  EMPTY_ROOT,
  encodeCbor,
  FLOE_HEADER_BYTES,
  HPKE_LABELS,
  KDF_LABELS,
  leafHash,
  parseSign1,
  SEGMENT_BYTES,
  SIGNED_TYPES,
  sha256,
} from "@caseroom/crypto/verify";
import { encodeBlobDescriptor, segmentRange } from "./blob.ts";
import { sealBlob } from "./blob-sealer.ts";
import { seededRandom } from "./consortium-for-testing.ts";
import { sealEntry } from "./entry.ts";
import type { EntryContent } from "./entry-content.ts";
import { encodeContent } from "./entry-content.ts";
import { type Envelope, parseEnvelope } from "./envelope.ts";
import { openEnvelope, type SealTo } from "./envelope-seal.ts";
import { createKeyring, type Keyring } from "./keyring.ts";
import { sealMark } from "./mark.ts";
import { aeadCase, decoded, kdfCases, kdfFile, signerOf } from "./vector-chain-files-for-testing.ts";
import type {
  AeadCase,
  BlobCase,
  EnvelopeCase,
  FloeCase,
  HpkeCase,
  SignedCase,
  VectorFile,
} from "./vector-format-for-testing.ts";
import { toPlain } from "./vector-format-for-testing.ts";
import { known, type VectorUser, type VectorWorld } from "./vector-world-for-testing.ts";

type Files = Record<string, VectorFile<unknown>>;
type Sealed = {
  readonly vector: EnvelopeCase;
  readonly envelope: Envelope;
  readonly key: Bytes;
  readonly inner: Bytes;
};

const see = { n: 2, hash: EMPTY_ROOT, feedN: 2, feedHead: EMPTY_ROOT };
const cp = { size: 0, root: EMPTY_ROOT };
const random = seededRandom("cr1 vectors/objects");

/** Files about what people and gateways say: entries, marks, blobs, and the keys around them. */
export async function objectFiles(world: VectorWorld): Promise<Files> {
  const newest = await world.keyringOf(world.cheung, world.compId);
  // Where the vectors' entries stand, epoch 1 is the present one.
  const keyring = createKeyring(world.compId, 1, newest.epoch);
  const chat = await sealChat(world, keyring);
  const deposit = await sealDeposit(world, keyring);
  const mark = await sealReadMark(world, keyring);
  return {
    "object-entry-wt0": envelopeFile("An entry under the epoch's secret.", [SIGNED_TYPES.entry], chat),
    "object-entry-wt1": envelopeFile("An entry deposited to the epoch's inbox.", [SIGNED_TYPES.entry], deposit),
    "object-mark": envelopeFile("How far somebody has received and read.", [SIGNED_TYPES.mark], mark),
    "object-blob": {
      about: "Two segments, one range across them.",
      labels: [AAD_LABELS.blob],
      cases: [await blob(world)],
    },
    ...(await keyWrapFiles(world, keyring, [chat, mark])),
    "hpke-deposit": {
      about: "A content key to an epoch's inbox.",
      labels: [HPKE_LABELS.deposit],
      cases: [await depositCase(world, keyring, deposit)],
    },
    "aad-obj": {
      about: "FLOE around the padded statement of an entry or a mark.",
      labels: [AAD_LABELS.object],
      cases: await Promise.all([chat, deposit, mark].map((sealed) => objectCase(world, sealed))),
    },
    "aad-blob": { about: "FLOE of a small blob.", labels: [AAD_LABELS.blob], cases: [await smallBlob(world)] },
  };
}

function envelopeFile(about: string, labels: readonly string[], sealed: Sealed): VectorFile<EnvelopeCase> {
  return { about, labels, cases: [sealed.vector] };
}

async function sealChat(world: VectorWorld, keyring: Keyring): Promise<Sealed> {
  const content = say(world.wong, "chat", new Map([["text", "Potassium is 6.1, calling you now"]]));
  return sealContent(world, keyring, world.wong, content, { keyring });
}

async function sealDeposit(world: VectorWorld, keyring: Keyring): Promise<Sealed> {
  const text = '{"resourceType":"Observation","status":"final","valueQuantity":{"value":6.50,"unit":"%"}}';
  const content: EntryContent = {
    ...say(world.gateway, "fhir", [utf8ToBytes(text)]),
    role: "depositor",
    provenance: {
      system: "LIS",
      sourceId: "MSG00001",
      receivedMs: 1_800_000_000_000,
      originalType: "x-application/hl7-v2+er7",
      original: utf8ToBytes("MSH|^~\\&|LIS|HGH|||20270115||ORU^R01|MSG00001|P|2.5"),
    },
  };
  const inbox = await known(keyring.inbox(1));
  return sealContent(world, keyring, world.gateway, content, { e: 1, inboxKey: inbox.publicKey });
}

async function sealReadMark(world: VectorWorld, keyring: Keyring): Promise<Sealed> {
  const oid = freshOid();
  const mark = { author: world.wong.userId, delivered: 5, read: 4, t: 1_800_000_000_000 };
  const sealing = { place: placeOf(world), oid, signing: world.wong.device.signing, to: { keyring }, random };
  const bytes = expectOk(await sealMark({ ...sealing, mark }), "mark");
  return describe(world, keyring, world.wong, bytes);
}

async function sealContent(
  world: VectorWorld,
  keyring: Keyring,
  author: VectorUser,
  content: EntryContent,
  to: SealTo,
): Promise<Sealed> {
  const sealing = { place: placeOf(world), oid: freshOid(), signing: author.device.signing, to, random };
  const { envelope } = expectOk(await sealEntry({ ...sealing, content }), "entry");
  const sealed = await describe(world, keyring, author, envelope);
  const again = encodeContent(content, placeOf(world), sha256(sealed.envelope.headerBytes));
  known(bytesToHex(again) === bytesToHex(expectOk(parseSign1(sealed.inner), "entry").payload) || undefined);
  return sealed;
}

function say(author: VectorUser, kind: string, body: CborValue): EntryContent {
  return { author: author.userId, as: 1, ap: null, see, cp, t: 1_800_000_000_000, kind, role: "writer", body };
}

/** Takes an envelope apart again: whatever it was made with is part of its vector. */
async function describe(world: VectorWorld, keyring: Keyring, author: VectorUser, bytes: Bytes): Promise<Sealed> {
  const envelope = expectOk(parseEnvelope(bytes), "envelope");
  const { inner } = expectOk(await openEnvelope(envelope, placeOf(world), keyring), "envelope");
  const key = await contentKey(world, keyring, envelope);
  const [enc, ct] = envelope.wt === 1 ? known(asArray(decoded(envelope.wrappedKey))) : [];
  const wrapping =
    envelope.wt === 0
      ? { wrapNonce: bytesToHex(envelope.wrappedKey.subarray(0, 12)) }
      : { wrap: { enc: bytesToHex(known(asBytes(enc))), ct: bytesToHex(known(asBytes(ct))) } };
  const vector: EnvelopeCase = {
    ...placeOf(world),
    ...{ oid: envelope.oid, e: envelope.e, wt: envelope.wt },
    epochSecret: bytesToHex(known(keyring.epoch(envelope.e)).secret),
    statement: signedCase(world, inner, author.device.signing.kid),
    statementId: bytesToHex(sha256(inner)),
    header: bytesToHex(envelope.headerBytes),
    contentKey: bytesToHex(key),
    ...wrapping,
    floeIv: bytesToHex(envelope.floeHeader.subarray(10, 42)),
    floeNonce: bytesToHex(envelope.floeBody.subarray(4, 16)),
    envelope: bytesToHex(bytes),
    hash: envelope.hash,
    at: world.covered,
  };
  return { vector, envelope, key, inner };
}

/** A COSE_Sign1 as a vector. */
export function signedCase(world: VectorWorld, bytes: Bytes, kid: Kid): SignedCase {
  const { typ, payload } = expectOk(parseSign1(bytes), "statement");
  const signer = signerOf(world, kid);
  return { typ, externalAad: world.consortiumId, signer, payload: toPlain(decoded(payload)), bytes: bytesToHex(bytes) };
}

async function contentKey(world: VectorWorld, keyring: Keyring, envelope: Envelope): Promise<Bytes> {
  if (envelope.wt === 0) {
    const key = await keyWrappingKey(world, keyring, envelope);
    const aad = encodeCbor(contentKeyAad(envelope));
    return expectOk(await aesGcmOpen({ key, sealed: envelope.wrappedKey, aad }), "content key");
  }
  const inbox = await known(keyring.inbox(envelope.e));
  const [enc, ct] = known(asArray(decoded(envelope.wrappedKey)));
  const sealed = { enc: known(asBytes(enc)), ct: known(asBytes(ct)) };
  const info = encodeCbor(depositInfo(world, envelope));
  return expectOk(await inbox.open({ ...sealed, info, aad: envelope.floeHeader }), "content key");
}

async function keyWrapFiles(world: VectorWorld, keyring: Keyring, sealed: readonly Sealed[]): Promise<Files> {
  const objectKey = await known(keyring.objectKey(1));
  const inputs = sealed.map(({ envelope }) => ({
    secret: objectKey,
    context: concatBytes(idToBytes(envelope.compId), idToBytes(envelope.oid)),
    generation: envelope.e,
  }));
  const cases: AeadCase[] = [];
  for (const { envelope, key } of sealed) {
    const kw = await keyWrappingKey(world, keyring, envelope);
    cases.push(aeadCase(kw, contentKeyAad(envelope), key, envelope.wrappedKey));
  }
  return {
    "kdf-obj-kw": kdfFile(KDF_LABELS.objectKeyWrap, await kdfCases(world, KDF_LABELS.objectKeyWrap, inputs, false)),
    "aad-cek": { about: "A content key under its key-wrapping key.", labels: [AAD_LABELS.contentKey], cases },
  };
}

async function keyWrappingKey(world: VectorWorld, keyring: Keyring, envelope: Envelope): Promise<Bytes> {
  const context = concatBytes(idToBytes(envelope.compId), idToBytes(envelope.oid));
  const place = { consortiumId: world.consortiumId, context, generation: envelope.e };
  return deriveKey(await known(keyring.objectKey(envelope.e)), KDF_LABELS.objectKeyWrap, place);
}

function contentKeyAad(envelope: Envelope): CborValue {
  return [AAD_LABELS.contentKey, sha256(envelope.headerBytes), sha256(envelope.floeHeader)];
}

function depositInfo(world: VectorWorld, envelope: Envelope): CborValue {
  return [HPKE_LABELS.deposit, idToBytes(world.consortiumId), sha256(envelope.headerBytes)];
}

async function depositCase(world: VectorWorld, keyring: Keyring, { envelope, key, vector }: Sealed): Promise<HpkeCase> {
  const epoch = known(keyring.epoch(envelope.e));
  const context = { consortiumId: world.consortiumId, context: idToBytes(world.compId), generation: envelope.e };
  const recipientSeed = await deriveKey(epoch.secret, KDF_LABELS.epochInbox, context);
  const inbox = await known(keyring.inbox(envelope.e));
  return {
    recipientSeed: bytesToHex(recipientSeed),
    recipientPublicKey: bytesToHex(inbox.publicKey),
    info: toPlain(depositInfo(world, envelope)),
    aad: bytesToHex(envelope.floeHeader),
    plaintext: bytesToHex(key),
    ...known(vector.wrap),
    hash: bytesToHex(sha256(envelope.wrappedKey)),
  };
}

async function objectCase(world: VectorWorld, { envelope, key, inner, vector }: Sealed): Promise<FloeCase> {
  const aad: CborValue = [
    AAD_LABELS.object,
    idToBytes(world.consortiumId),
    idToBytes(world.spaceId),
    envelope.headerBytes,
  ];
  const { floeHeader: header, floeBody: body } = envelope;
  const plaintext = expectOk(padEntry(inner), "padding");
  const opened = expectOk(await floeOpen({ key, aad: encodeCbor(aad), header, body }), "object");
  known(bytesToHex(opened) === bytesToHex(plaintext) || undefined);
  return {
    key: bytesToHex(key),
    aad: toPlain(aad),
    iv: vector.floeIv,
    nonces: [vector.floeNonce],
    plaintext: bytesToHex(plaintext),
    header: bytesToHex(header),
    body: bytesToHex(body),
  };
}

async function smallBlob(world: VectorWorld): Promise<FloeCase> {
  const key = random(32);
  const aad: CborValue = [AAD_LABELS.blob, idToBytes(world.consortiumId), random(16)];
  const plaintext = utf8ToBytes("a small document");
  const { header, body } = await floeSeal({ key, aad: encodeCbor(aad), plaintext, random });
  return {
    key: bytesToHex(key),
    aad: toPlain(aad),
    iv: bytesToHex(header.subarray(10, 42)),
    nonces: [bytesToHex(body.subarray(4, 16))],
    plaintext: bytesToHex(plaintext),
    header: bytesToHex(header),
    body: bytesToHex(body),
  };
}

/** Byte i of the plaintext of a vector of a blob. */
export function blobPlaintext(length: number): Bytes {
  return toBytes(Uint8Array.from({ length }, (_, i) => i % 251));
}

async function blob(world: VectorWorld): Promise<BlobCase> {
  const { consortiumId } = world;
  const plaintext = blobPlaintext(300_000);
  const sealing = { consortiumId, plaintext, mediaType: "application/pdf", name: "letter.pdf", random };
  const { descriptor, stored } = await sealBlob(sealing);
  const starts = Array.from({ length: descriptor.segments }, (_, i) => FLOE_HEADER_BYTES + i * SEGMENT_BYTES);
  const tree = concatBytes(...starts.map((at) => leafHash(stored.subarray(at, at + SEGMENT_BYTES))));
  const from = 262_000;
  const until = 262_300;
  const { offset, length } = segmentRange(from, until);
  return {
    consortiumId,
    plainLength: plaintext.length,
    floeIv: bytesToHex(descriptor.floeHeader.subarray(10, 42)),
    nonces: starts.map((at) => bytesToHex(stored.subarray(at + 4, at + 16))),
    descriptor: toPlain(encodeBlobDescriptor(descriptor)),
    storedLength: stored.length,
    storedHash: bytesToHex(sha256(stored)),
    tree: bytesToHex(tree),
    range: { from, until, offset, length, plaintextHash: bytesToHex(sha256(plaintext.subarray(from, until))) },
  };
}

function placeOf({ consortiumId, spaceId, compId }: VectorWorld) {
  return { consortiumId, spaceId, compId };
}

function freshOid(): Oid {
  return known(bytesToId16<Oid>(random(16)));
}
