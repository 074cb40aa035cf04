import {
  type Client,
  createLane,
  type ImagingManifest,
  type ImagingPack,
  MAX_INDEX_BYTES,
  type PackRow,
  parseImagingManifest,
  parsePackIndex,
} from "@caseroom/client";
import { type CompId, err, type Failure, failure, ok, parseId32, type Result, toBytes } from "@caseroom/contract";
import { decodeStrict } from "@caseroom/crypto/verify";
import type postgres from "postgres";
import { type EventLog, toError } from "../../event-log.ts";
import { fileSeries, knownPacks, type ReadPack, type WaitingManifest } from "./series-store.ts";

/** Reads the indexes of manifests that came, own and foreign alike, until each has been read. */
export type ManifestReader = { readonly notify: () => void; readonly stop: () => Promise<void> };

const BATCH = 32;
const RETRY_MS = 500;
const MAX_RETRY_MS = 300_000;

export function startManifestReader(deps: {
  readonly sql: postgres.Sql;
  readonly client: Pick<Client, "blobs">;
  readonly log: EventLog;
  readonly nowMs: () => number;
}): ManifestReader {
  const { sql, client, log, nowMs } = deps;
  const lane = createLane();
  let isStopped = false;
  let isScheduled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const readOne = async (row: WaitingManifest): Promise<Result<undefined, Failure>> => {
    const decoded = decodeStrict(row.body);
    const manifest = decoded.ok ? parseImagingManifest(decoded.value) : undefined;
    const compId = parseId32<CompId>(row.compId);
    if (manifest === undefined || compId === undefined) return err(failure("CBOR_INVALID"));
    const known = await knownPacks(sql, row, manifest.series);
    const packs: ReadPack[] = [];
    for (const pack of manifest.packs) {
      if (known.has(pack.blob.blobId)) {
        packs.push({ pack, rows: undefined });
        continue;
      }
      const rows = await readIndex(client, compId, pack, manifest);
      if (!rows.ok) return rows;
      packs.push({ pack, rows: rows.value });
    }
    await fileSeries(sql, { row, manifest, packs });
    return ok();
  };

  const pass = async (): Promise<void> => {
    isScheduled = false;
    for (;;) {
      const due = await listDue(sql, nowMs());
      if (isStopped || due.length === 0) break;
      for (const row of due) await attempt(row);
    }
    const next = await nextTry(sql);
    if (next !== undefined) later(Math.max(RETRY_MS, next - nowMs()));
  };

  /** One manifest that cannot be read, for whatever reason, holds back no other; it is tried again and again, less and less often. */
  const attempt = async (row: WaitingManifest): Promise<void> => {
    let result: Result<undefined, Failure>;
    try {
      result = await readOne(row);
    } catch (thrown) {
      log("manifest failed", toError(thrown));
      result = err(failure("INTERNAL"));
    }
    if (result.ok) return;
    log("manifest waits", result.error);
    const wait = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(row.tries, 16));
    await sql`
      UPDATE imaging_manifest SET tries = tries + 1, next_try_ms = ${nowMs() + wait}
      WHERE space_id = ${row.spaceId} AND entry_id = ${row.entryId}`;
  };

  const notify = () => {
    if (isScheduled || isStopped) return;
    isScheduled = true;
    lane.run(pass).catch((error: unknown) => {
      log("reading manifests failed", toError(error));
      later(RETRY_MS);
    });
  };
  const later = (ms: number) => {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(notify, ms);
  };
  notify();
  return {
    notify,
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await lane.idle();
    },
  };
}

/** The rows of a pack's index, all of which must lie within the pack and be of the manifest's series. */
async function readIndex(
  client: Pick<Client, "blobs">,
  compId: CompId,
  pack: ImagingPack,
  manifest: ImagingManifest,
): Promise<Result<readonly PackRow[], Failure>> {
  if (pack.index.plainLength > MAX_INDEX_BYTES) return err(failure("TOO_LARGE", "index"));
  const bytes = await client.blobs.open(compId, pack.index).read(0, pack.index.plainLength);
  if (!bytes.ok) return bytes;
  const rows = parsePackIndex(bytes.value);
  if (!rows.ok) return rows;
  const isWithin = rows.value.every((row) => row.offset + row.length <= pack.blob.plainLength);
  if (!isWithin || rows.value.length !== pack.instances || manifest.series === "")
    return err(failure("BLOB_INVALID", "an index of another pack"));
  return rows;
}

async function listDue(sql: postgres.Sql, nowMs: number): Promise<readonly WaitingManifest[]> {
  const rows = await sql<(Omit<WaitingManifest, "body" | "n"> & { body: Uint8Array; n: string })[]>`
    SELECT space_id AS "spaceId", entry_id AS "entryId", comp_id AS "compId", n::text, author, institution, body, tries
    FROM imaging_manifest WHERE state = 'waiting' AND next_try_ms <= ${nowMs} ORDER BY received_ms, n LIMIT ${BATCH}`;
  return rows.map((row) => ({ ...row, n: Number(row.n), body: toBytes(row.body) }));
}

async function nextTry(sql: postgres.Sql): Promise<number | undefined> {
  const [row] = await sql<{ next: string | null }[]>`
    SELECT min(next_try_ms)::text AS next FROM imaging_manifest WHERE state = 'waiting'`;
  return row?.next === null || row === undefined ? undefined : Number(row.next);
}
