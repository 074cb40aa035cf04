import { type Bytes, type CompId, type entriesAppend, err, failure, ok } from "@caseroom/contract";
import { digestOf } from "@caseroom/crypto/verify";
import { parseEnvelope } from "@caseroom/space/verify";
import { type Call, type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import type { ChainMemory } from "../links/chain-memory.ts";
import type { EntryWriter } from "./entry-writer.ts";
import type { Submission } from "./judge-entries.ts";

type Named = Call<typeof entriesAppend>["head"]["entries"][number];

/** entries.append: takes the envelopes apart and hands them to the writer, which decides in order. */
export function appendEntries(deps: {
  readonly chains: ChainMemory;
  readonly writer: EntryWriter;
  readonly blobs: BlobStore;
}): Handler<typeof entriesAppend> {
  return async (call) => {
    const session = sessionOf(call);
    const { compId } = call.params;
    const comp = deps.chains.view.comp(compId);
    if (comp === undefined) return err(failure("NOT_FOUND"));
    const { entries: named } = call.head;
    if (named.length !== call.parts.length) return err(failure("BAD_REQUEST", "one envelope for each entry"));
    const blobIds = named.flatMap(({ blobs }) => blobs ?? []);
    const complete =
      blobIds.length === 0 ? new Set() : await deps.blobs.findComplete({ spaceId: comp.spaceId, compId }, blobIds);
    const entries = named.map((one, i) => {
      const entry = readEntry(compId, one, call.parts[i] ?? new Uint8Array(0));
      return { ...entry, missingBlobs: (one.blobs ?? []).filter((blobId) => !complete.has(blobId)) };
    });
    const outcome = await deps.writer.submit({ session, compId, entries });
    return outcome.ok ? ok(outcome.value) : outcome;
  };
}

function readEntry(compId: CompId, { oid }: Named, bytes: Bytes): Omit<Submission["entries"][number], "missingBlobs"> {
  const envelope = parseEnvelope(bytes);
  if (!envelope.ok) return { oid, e: 0, hash: digestOf(bytes), bytes, problem: envelope.error.code };
  const { e, hash } = envelope.value;
  const isHere = envelope.value.compId === compId && envelope.value.oid === oid;
  return { oid, e, hash, bytes, problem: isHere ? undefined : "CONTEXT_MISMATCH" };
}
