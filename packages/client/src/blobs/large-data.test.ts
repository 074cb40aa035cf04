import {
  type BlobId,
  bytesToHex,
  type CompId,
  err,
  expectOk,
  failure,
  ok,
  parseId16,
  parseId32,
  systemRandom,
  toBytes,
} from "@caseroom/contract";
import { FLOE_HEADER_BYTES } from "@caseroom/crypto/verify";
import type { BlobDescriptor } from "@caseroom/space/secret";
import { describe, expect, it } from "vitest";
import { detachLargeData, restoreLargeData } from "./large-data.ts";

const compId = parseId32<CompId>("ab".repeat(32));
if (compId === undefined) throw new Error("an id of a test");
const comp = compId;

/** Blobs in memory, as compartment and hub would keep them. */
function keeper() {
  const kept = new Map<string, Uint8Array>();
  const upload = async (bytes: Uint8Array) => {
    const blobId = parseId16<BlobId>(bytesToHex(systemRandom(16)));
    if (blobId === undefined) throw new Error("an id of a test");
    kept.set(blobId, bytes);
    const descriptor: BlobDescriptor = {
      blobId,
      key: systemRandom(32),
      floeHeader: systemRandom(FLOE_HEADER_BYTES),
      plainLength: bytes.length,
      segments: 1,
      root: systemRandom(32),
      mediaType: "application/octet-stream",
      name: "",
    };
    return ok(descriptor);
  };
  const open = async (from: CompId, { blobId }: BlobDescriptor) => {
    const bytes = from === comp ? kept.get(blobId) : undefined;
    return bytes === undefined ? err(failure("BLOB_INVALID")) : ok(toBytes(bytes));
  };
  return { kept, upload, open };
}

const scan = Buffer.from(systemRandom(30_001)).toString("base64");
const letter = Buffer.from(systemRandom(20_000)).toString("base64");
const TEXT = `{"resourceType":"DocumentReference","description":"\\"data\\":\\"${"A".repeat(20_000)}\\"","content":[
  {"attachment":{"contentType":"application/pdf", "data" : "${scan}"}},{"attachment":{"data":"${letter}"}},{"attachment":{"data":"aGk="}}]}`;

describe("a document with a file that no entry could hold", () => {
  it("is small without it, and the same to the last byte when it is put back", async () => {
    const { kept, upload, open } = keeper();
    const detached = expectOk(await detachLargeData(TEXT, comp, upload), "the fragment");
    expect(detached.blobIds).toEqual([...kept.keys()]);
    expect([...kept.values()].map(({ length }) => length)).toEqual([30_001, 20_000]);
    expect(detached.json.length).toBeLessThan(23_000);
    expect(JSON.parse(detached.json)).toMatchObject({ content: [{}, {}, { attachment: { data: "aGk=" } }] });
    expect(await restoreLargeData(detached.json, open)).toEqual(ok(TEXT));
  });

  it("is not sent without the file when the hub cannot be reached, nor shown without it", async () => {
    const { upload } = keeper();
    const offline = async () => err(failure("OFFLINE"));
    expect(await detachLargeData(TEXT, comp, offline)).toMatchObject({ error: { code: "OFFLINE" } });
    const { json } = expectOk(await detachLargeData(TEXT, comp, upload), "the fragment");
    expect(await restoreLargeData(json, offline)).toMatchObject({ error: { code: "OFFLINE" } });
  });

  it("hides nothing else when its file is not what was signed, or its place says nothing", async () => {
    const { kept, upload, open } = keeper();
    const { json } = expectOk(await detachLargeData(TEXT, comp, upload), "the fragment");
    kept.clear();
    expect(await restoreLargeData(json, open)).toEqual(ok(json));
    const forged = `{"data":"urn:caseroom:blob:${comp}:AAAA"}`;
    expect(await restoreLargeData(forged, open)).toEqual(ok(forged));
  });

  it("keeps data that would come back otherwise than they were written", async () => {
    const { upload } = keeper();
    // Stray bits at the end: a decoder drops them.
    const odd = `{"data":"${"A".repeat(20_002)}B="}`;
    expect(await detachLargeData(odd, comp, upload)).toEqual(ok({ json: odd, blobIds: [] }));
  });
});
