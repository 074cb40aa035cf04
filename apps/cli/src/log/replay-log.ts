import type { HubApi } from "@caseroom/client";
import {
  type Bytes,
  equalBytes,
  err,
  type Failure,
  failure,
  logTile,
  ok,
  type Result,
  toBytes,
} from "@caseroom/contract";
import { appendLeaf, EMPTY_ROOT, edgeRoot, emptyEdge } from "@caseroom/crypto/verify";

export type LogState = { readonly size: number; readonly root: Bytes };

const TILE_WIDTH = 256;
const HASH_BYTES = 32;

/**
 * Builds the tree of the log anew from the hashes of its lines (C2SP tlog-tiles) and compares its root at `now` with the signed one, and its
 * root at `earlier` with the one that was seen then. PROOF_INVALID when the hub's lines do not make its own checkpoint, FORK when they do not
 * continue what was seen.
 */
export async function replayLog(
  api: HubApi,
  now: LogState,
  earlier: LogState | undefined,
  onProgress: (size: number) => void,
): Promise<Result<undefined, Failure>> {
  if (earlier !== undefined && earlier.size > now.size)
    return err(failure("ROLLBACK", "the log is shorter than it was before"));
  let edge = emptyEdge;
  const isForked = () =>
    edge.size === earlier?.size && !equalBytes(edge.size === 0 ? EMPTY_ROOT : edgeRoot(edge), earlier.root);
  while (edge.size < now.size) {
    const width = Math.min(TILE_WIDTH, now.size - edge.size);
    const tile = await readTile(api, edge.size / TILE_WIDTH, width);
    if (!tile.ok) return tile;
    for (const hash of tile.value) {
      edge = appendLeaf(edge, hash);
      if (isForked()) return err(failure("FORK", "the log does not continue what was seen before"));
    }
    onProgress(edge.size);
  }
  return equalBytes(edgeRoot(edge), now.root)
    ? ok()
    : err(failure("PROOF_INVALID", "the lines of the log do not make the root that it signed"));
}

async function readTile(api: HubApi, index: number, width: number): Promise<Result<readonly Bytes[], Failure>> {
  const reply = await api.call(logTile, { params: { level: "0", index: String(index) }, query: { width } });
  if (!reply.ok)
    return reply.error.code === "OFFLINE" ? reply : err(failure("WITHHELD", "a part of the log is not handed out"));
  const { raw } = reply.value;
  if (raw.length !== width * HASH_BYTES) return err(failure("PROOF_INVALID", "a tile of another size"));
  return ok(Array.from({ length: width }, (_, i) => toBytes(raw.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))));
}
