import {
  type Bytes,
  blobsCreate,
  blobsPutPart,
  type CompId,
  type ConsortiumId,
  err,
  type Failure,
  ok,
  type Random,
  type Result,
} from "@caseroom/contract";
import { decodeStrict, encodeCbor, FLOE_HEADER_BYTES, SEGMENT_BYTES, SEGMENT_PLAINTEXT } from "@caseroom/crypto/verify";
import {
  type BlobDescriptor,
  createBlobSealer,
  encodeBlobDescriptor,
  parseBlobDescriptor,
  storedBlobSize,
} from "@caseroom/space/secret";
import type { DeviceKeys } from "../device-keys.ts";
import type { HubApi } from "../hub-api.ts";
import type { BlobSource, BlobSpool } from "./blob-spool.ts";

export type BlobUpload = {
  readonly source: BlobSource;
  readonly mediaType: string;
  readonly name: string;
  readonly spool: BlobSpool;
};

/** Bounds the memory of sealing: this many segments of 256 KiB at a time. */
const SEGMENTS_IN_FLIGHT = 4;
const PART_SEGMENTS = 16;
const MAX_ATTEMPTS = 5;
const RETRY_MS = 200;

/** Seals a source into its spool, unless that is done already, and brings the spool to the hub. */
export async function uploadBlob(
  deps: {
    readonly api: HubApi;
    readonly keys: DeviceKeys;
    readonly consortiumId: ConsortiumId;
    readonly random: Random;
  },
  compId: CompId,
  input: BlobUpload,
): Promise<Result<BlobDescriptor, Failure>> {
  const note = await input.spool.note();
  const descriptor =
    (note === undefined ? undefined : await openNote(note, deps.keys)) ?? (await sealIntoSpool(deps, input));
  const sent = await sendSpool(deps.api, compId, descriptor, input.spool);
  return sent.ok ? ok(descriptor) : sent;
}

async function sealIntoSpool(
  deps: { readonly keys: DeviceKeys; readonly consortiumId: ConsortiumId; readonly random: Random },
  { source, mediaType, name, spool }: BlobUpload,
): Promise<BlobDescriptor> {
  const { consortiumId, random } = deps;
  const sealer = await createBlobSealer({ consortiumId, plainLength: source.size, mediaType, name, random });
  await spool.write(0, sealer.header);
  let next = 0;
  const work = async () => {
    for (let index = next++; index < sealer.segments; index = next++) {
      const from = Math.min(source.size, index * SEGMENT_PLAINTEXT);
      const plain = await source.read(from, Math.min(source.size, from + SEGMENT_PLAINTEXT));
      await spool.write(FLOE_HEADER_BYTES + index * SEGMENT_BYTES, await sealer.sealSegment(index, plain));
    }
  };
  await Promise.all(Array.from({ length: SEGMENTS_IN_FLIGHT }, work));
  const descriptor = sealer.descriptor();
  await spool.finish(await deps.keys.sealLocal(encodeCbor(encodeBlobDescriptor(descriptor))));
  return descriptor;
}

/** A note that this device cannot open any more is as good as none: the source is sealed again, as another blob. */
async function openNote(note: Bytes, keys: DeviceKeys): Promise<BlobDescriptor | undefined> {
  const opened = await keys.openLocal(note);
  const decoded = opened.ok ? decodeStrict(opened.value, { maxBytes: 4096 }) : undefined;
  return decoded?.ok === true ? parseBlobDescriptor(decoded.value) : undefined;
}

/** Tries again while it is only the line that fails, and as long as each attempt brings the hub further. */
async function sendSpool(
  api: HubApi,
  compId: CompId,
  descriptor: BlobDescriptor,
  spool: BlobSpool,
): Promise<Result<undefined, Failure>> {
  let furthest = -1;
  for (let attempt = 0; ; attempt++) {
    const sent = await sendOnce(api, compId, descriptor, spool);
    if (sent.ok) return ok();
    if (sent.reached > furthest) attempt = 0;
    furthest = Math.max(furthest, sent.reached);
    if (!sent.isPassing || attempt >= MAX_ATTEMPTS) return err(sent.error);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 2 ** attempt));
  }
}

type Sent = { readonly ok: true } | Failed;
type Failed = { readonly ok: false; readonly error: Failure; readonly isPassing: boolean; readonly reached: number };

/** Part after part from where the hub says that it stands. */
async function sendOnce(
  api: HubApi,
  compId: CompId,
  { blobId, plainLength }: BlobDescriptor,
  spool: BlobSpool,
): Promise<Sent> {
  const size = storedBlobSize(plainLength);
  const created = await api.call(blobsCreate, { params: { compId }, head: { blobId, size } });
  if (!created.ok) return { ok: false, error: created.error, isPassing: isPassing(created.error), reached: -1 };
  let { received, complete } = created.value.head;
  while (!complete) {
    const raw = await spool.read(received, Math.min(size, partEnd(received)) - received);
    const put = await api.call(blobsPutPart, { params: { compId, blobId }, query: { offset: received }, raw });
    if (!put.ok) {
      // A conflict here is an answer that was lost: the hub stands elsewhere than it last said, and is asked again.
      const isAgain = isPassing(put.error) || put.error.code === "BLOB_CONFLICT";
      return { ok: false, error: put.error, isPassing: isAgain, reached: received };
    }
    ({ received, complete } = put.value.head);
  }
  return { ok: true };
}

/** Parts end where segments end, the header going with the first. */
function partEnd(offset: number): number {
  const segment = Math.max(0, Math.floor((offset - FLOE_HEADER_BYTES) / SEGMENT_BYTES));
  const part = Math.floor(segment / PART_SEGMENTS) + 1;
  return FLOE_HEADER_BYTES + part * PART_SEGMENTS * SEGMENT_BYTES;
}

function isPassing({ code }: Failure): boolean {
  return code === "OFFLINE" || code === "UNAVAILABLE" || code === "TOO_MANY_REQUESTS" || code === "INTERNAL";
}
