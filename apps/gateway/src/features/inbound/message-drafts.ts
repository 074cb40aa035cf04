import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  bytesSource,
  type Client,
  detachLargeData,
  type EntryDraft,
  encodeFhirBody,
  MAX_PACK_BYTES,
  packFragments,
} from "@caseroom/client";
import { isFhirResource, routeFragment } from "@caseroom/clinical";
import {
  type BlobId,
  type Bytes,
  bytesToId16,
  type CompId,
  type Failure,
  type Oid,
  ok,
  type Result,
  TIERS,
  tierName,
  toBytes,
  utf8ToBytes,
} from "@caseroom/contract";
import type { Chart } from "../charts/charts.ts";
import { createFileSpool } from "../imaging/pack-spool.ts";
import type { WaitingMessage } from "./inbound-store.ts";

/** A message as entries of a chart. */
export type MessageDrafts = {
  readonly messageId: string;
  readonly drafts: readonly { readonly compId: CompId; readonly draft: EntryDraft }[];
  /** Fragments that fit no entry, even without their files. */
  readonly unsendable: number;
  /** For when the hub has the entries: the sealed files are needed no more. */
  readonly release: () => Promise<void>;
};

type Deps = { readonly client: Pick<Client, "blobs">; readonly dataDir: string };
type Placed = { readonly json: string; readonly blobIds: readonly BlobId[] };

const MEDIA_TYPE = "application/octet-stream";
/** Bytes of an entry that are not the original or a fragment. */
const ROOM_FOR_REST = 5_000;
/** Bytes of an original that still leave room for the fragments in an entry. */
const MAX_ORIGINAL_BYTES = 12_000;

/** A live message is one entry for each compartment it concerns; a bundle is packed (phase-1 §3.9). Its large files are blobs (§6.2). */
export async function draftMessage(
  deps: Deps,
  chart: Chart,
  message: WaitingMessage,
): Promise<Result<MessageDrafts, Failure>> {
  const drafts: { compId: CompId; draft: EntryDraft }[] = [];
  const spools: ReturnType<typeof createFileSpool>[] = [];
  let unsendable = 0;
  const byTier = Map.groupBy(message.fragments, (fragment) => routeOf(fragment.json));
  for (const [tier, fragments] of byTier) {
    const compId = tier === "emergency" ? chart.emergency : chart.clinical;
    const placed: Placed[] = [];
    for (const [position, { json }] of fragments.entries()) {
      const detached = await detachLargeData(json, compId, (bytes, at) =>
        upload(compId, bytes, `${message.id}.${tier}.${position}.${at}`),
      );
      if (!detached.ok) return detached;
      if (utf8ToBytes(detached.value.json).length > MAX_PACK_BYTES) unsendable += 1;
      else placed.push(detached.value);
    }
    for (const [i, pack] of packFragments(placed).entries())
      drafts.push({ compId, draft: draftOf(message, pack, oidOf(message.id, tier, i)) });
  }
  return ok({
    messageId: message.id,
    drafts,
    unsendable,
    release: async () => {
      for (const spool of spools) await spool.remove();
    },
  });

  async function upload(compId: CompId, bytes: Bytes, name: string) {
    // The same bytes are sent again after a crash (phase-1 §2.9).
    const spool = createFileSpool(join(deps.dataDir, "inbound", "spool", name));
    spools.push(spool);
    try {
      return await deps.client.blobs.upload(compId, {
        source: bytesSource(bytes),
        mediaType: MEDIA_TYPE,
        name: "",
        spool,
      });
    } finally {
      await spool.close();
    }
  }
}

function draftOf(message: WaitingMessage, pack: readonly Placed[], oid: Oid): EntryDraft {
  const body = encodeFhirBody(pack.map(({ json }) => json));
  const size = body.reduce((sum, { length }) => sum + length, 0);
  const fits = message.bytes.length <= Math.min(MAX_ORIGINAL_BYTES, MAX_PACK_BYTES + ROOM_FOR_REST - size);
  const blobIds = pack.flatMap((one) => one.blobIds);
  return {
    kind: "fhir",
    oid,
    body,
    ...(blobIds.length === 0 ? {} : { blobIds }),
    provenance: {
      system: message.sender,
      sourceId: message.controlId,
      receivedMs: message.receivedMs,
      originalType: message.mediaType,
      original: fits ? message.bytes : toBytes([]),
    },
  };
}

function routeOf(json: string): "emergency" | "clinical" {
  const resource: unknown = JSON.parse(json);
  return isFhirResource(resource) && routeFragment(resource) === tierName(TIERS.emergency) ? "emergency" : "clinical";
}

/** The same message gives the same object: a delivery that is repeated after a crash changes nothing (phase-1 §2.9). */
function oidOf(id: string, tier: string, pack: number): Oid {
  const hash = createHash("sha256").update(`inbound/${id}/${tier}/${pack}`).digest();
  const oid = bytesToId16<Oid>(toBytes(hash.subarray(0, 16)));
  if (oid === undefined) throw new RangeError("an oid has 16 bytes");
  return oid;
}
