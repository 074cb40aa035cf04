import {
  type BlobId,
  type Bytes,
  base64urlToBytes,
  bytesToBase64url,
  type CompId,
  err,
  type Failure,
  failure,
  ok,
  parseId32,
  type Result,
} from "@caseroom/contract";
import { decodeStrict, encodeCbor } from "@caseroom/crypto/verify";
import { type BlobDescriptor, encodeBlobDescriptor, parseBlobDescriptor } from "@caseroom/space/secret";

/** A member `data` (FHIR R4 §2.24.0.1 base64Binary) of 12 KiB or more. Within a JSON string its quotes would be escaped. */
const LARGE_DATA = /("data"\s*:\s*")([A-Za-z0-9+/]{12288,}={0,2})"/g;
/** The same member when its bytes are a blob (protocol §6.2): no base64, since that knows no colon. */
const BLOB_DATA = /("data"\s*:\s*")urn:caseroom:blob:([A-Za-z0-9_-]{1,64}):([A-Za-z0-9_-]{1,4096})"/g;
const MAX_DESCRIPTOR_BYTES = 4096;
/** What one answer may hold of files: a text can name one file as often as it likes. */
const MAX_RESTORED_BYTES = 64 * 1024 * 1024;

/** A fragment whose files are blobs, and which those are. */
export type DetachedData = { readonly json: string; readonly blobIds: readonly BlobId[] };

/**
 * A fragment of which files are too large for an entry: each becomes a blob, and its place says which (protocol §6.2). Everything else of
 * the text stays as it is. `upload` gets the bytes and the number of the file, from 0; its failure is the answer.
 */
export async function detachLargeData(
  json: string,
  compId: CompId,
  upload: (bytes: Bytes, at: number) => Promise<Result<BlobDescriptor, Failure>>,
): Promise<Result<DetachedData, Failure>> {
  const blobIds: BlobId[] = [];
  const parts: string[] = [];
  let from = 0;
  for (const match of json.matchAll(LARGE_DATA)) {
    const [whole, before = "", base64 = ""] = match;
    const bytes = bytesOf(base64);
    // What would not come back as it was written stays where it is.
    if (bytes === undefined) continue;
    const uploaded = await upload(bytes, blobIds.length);
    if (!uploaded.ok) return uploaded;
    const descriptor = bytesToBase64url(encodeCbor(encodeBlobDescriptor(uploaded.value)));
    parts.push(json.slice(from, match.index), `${before}urn:caseroom:blob:${compId}:${descriptor}"`);
    blobIds.push(uploaded.value.blobId);
    from = match.index + whole.length;
  }
  parts.push(json.slice(from));
  return ok({ json: parts.join(""), blobIds });
}

/**
 * The text of one or several fragments as it was before `detachLargeData`. What is no descriptor, or names a blob that is not what was
 * signed, stays as it is; any other failure of `open` is the answer. TOO_LARGE for more than 64 MiB of files.
 */
export async function restoreLargeData(
  text: string,
  open: (compId: CompId, descriptor: BlobDescriptor) => Promise<Result<Bytes, Failure>>,
): Promise<Result<string, Failure>> {
  const parts: string[] = [];
  let from = 0;
  let restored = 0;
  for (const match of text.matchAll(BLOB_DATA)) {
    const [whole, before = "", comp = "", encoded = ""] = match;
    const compId = parseId32<CompId>(comp);
    const descriptor = descriptorOf(encoded);
    if (compId === undefined || descriptor === undefined) continue;
    restored += descriptor.plainLength;
    if (restored > MAX_RESTORED_BYTES) return err(failure("TOO_LARGE", "files of one answer"));
    const opened = await open(compId, descriptor);
    if (!opened.ok && opened.error.code === "BLOB_INVALID") continue;
    if (!opened.ok) return opened;
    parts.push(text.slice(from, match.index), `${before}${base64Of(opened.value)}"`);
    from = match.index + whole.length;
  }
  parts.push(text.slice(from));
  return ok(parts.join(""));
}

/** `undefined` unless the same bytes give the same text again. */
function bytesOf(base64: string): Bytes | undefined {
  if (base64.length % 4 !== 0) return undefined;
  return base64urlToBytes(base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""));
}

function base64Of(bytes: Bytes): string {
  const text = bytesToBase64url(bytes).replaceAll("-", "+").replaceAll("_", "/");
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

function descriptorOf(encoded: string): BlobDescriptor | undefined {
  const bytes = base64urlToBytes(encoded);
  const decoded = bytes === undefined ? undefined : decodeStrict(bytes, { maxBytes: MAX_DESCRIPTOR_BYTES });
  return decoded?.ok === true ? parseBlobDescriptor(decoded.value) : undefined;
}
