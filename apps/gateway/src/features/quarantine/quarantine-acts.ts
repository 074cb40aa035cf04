import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createLane } from "@caseroom/client";
import {
  type Bytes,
  err,
  type Failure,
  failure,
  ok,
  type QuarantineDetail,
  type Result,
  toBytes,
  utf8ToBytes,
} from "@caseroom/contract";
import { fromEditableText } from "@caseroom/hl7v2";
import type postgres from "postgres";
import { keepFile, sha256Hex } from "../imaging/kept-file.ts";
import { quarantineFile } from "../imaging/receive-instance.ts";
import { explain } from "./explain.ts";
import {
  type Actor,
  findItem,
  findVersion,
  insertVersion,
  type KeptItem,
  type KeptVersion,
  listActs,
  listVersions,
  publicItem,
  recordAct,
  recordLook,
  setState,
} from "./quarantine-store.ts";
import type { ReplayDoor } from "./replay-doors.ts";

/** What a person does with what was put aside. Nothing is ever overwritten or deleted, and every look and act is recorded with its person. */
export type QuarantineActs = {
  readonly open: (id: string, version: number | undefined, by: Actor) => Promise<Result<QuarantineDetail, Failure>>;
  readonly download: (id: string, version: number, by: Actor) => Promise<Result<Download, Failure>>;
  /** A new version beside the ones that are there; STALE_VIEW when `base` is not the newest. */
  readonly repair: (
    id: string,
    repaired: { readonly base: number; readonly content: string | Bytes },
    by: Actor,
  ) => Promise<Result<{ readonly version: number }, Failure>>;
  readonly replay: (id: string, version: number, by: Actor) => Promise<Result<undefined, Failure>>;
  readonly discard: (id: string, reason: string, by: Actor) => Promise<Result<undefined, Failure>>;
};

export type Download = { readonly bytes: Bytes; readonly mediaType: string };

type Deps = {
  readonly sql: postgres.Sql;
  readonly dataDir: string;
  readonly defaultIssuer: string | undefined;
  readonly doors: Readonly<Record<KeptItem["source"], ReplayDoor>>;
  readonly nowMs: () => number;
};

export function createQuarantineActs(deps: Deps): QuarantineActs {
  const { sql, nowMs } = deps;
  // One after another: two people at one item see what the other has done.
  const lane = createLane();
  const record = (id: string, act: Parameters<typeof recordAct>[2], by: Actor, tx: postgres.ISql = sql) =>
    recordAct(tx, id, act, by, nowMs());

  return {
    open: async (id, wanted, by) => {
      const item = await findItem(sql, id);
      const version = wanted ?? item?.version ?? 0;
      const kept = await findVersion(sql, id, version);
      if (item === undefined || (kept === undefined && version > 0)) return err(failure("NOT_FOUND"));
      const bytes = kept === undefined ? undefined : await readKept(deps, kept);
      await recordLook(sql, id, version, by, nowMs());
      const [versions, acts] = await Promise.all([listVersions(sql, id), listActs(sql, id)]);
      const tried = acts.findLast(({ act }) => act === "refused")?.version ?? 1;
      const explanation = await explain(deps, item, { bytes, isTried: version === tried });
      return ok({ item: publicItem(item), version, ...explanation, versions, acts: [...acts] });
    },
    download: async (id, version, by) => {
      const item = await findItem(sql, id);
      const kept = await findVersion(sql, id, version);
      if (item === undefined || kept === undefined) return err(failure("NOT_FOUND"));
      await record(id, { act: "downloaded", version }, by);
      return ok({ bytes: await readKept(deps, kept), mediaType: item.mediaType });
    },
    repair: (id, { base, content }, by) =>
      lane.run(async () => {
        const item = await findWaiting(sql, id);
        if (!item.ok) return item;
        if (item.value.version !== base) return err(failure("STALE_VIEW", "there is a newer version"));
        const bytes = typeof content === "string" ? textToBytes(item.value.mediaType, content) : content;
        const kept = await keepBytes(deps, item.value.mediaType, bytes);
        const version = base + 1;
        await sql.begin(async (tx) => {
          await insertVersion(tx, { id, version, size: bytes.length, ...kept, by, atMs: nowMs() });
          await record(id, { act: "repaired", version }, by, tx);
        });
        return ok({ version });
      }),
    replay: (id, version, by) =>
      lane.run(async () => {
        const item = await findWaiting(sql, id);
        if (!item.ok) return item;
        const kept = await findVersion(sql, id, version);
        if (kept === undefined && item.value.packId === undefined) return err(failure("NOT_FOUND"));
        const bytes = kept === undefined ? toBytes([]) : await readKept(deps, kept);
        const settle = async (tx: postgres.ISql) => {
          await setState(tx, id, { state: "replayed" });
          await record(id, { act: "replayed", version }, by, tx);
        };
        const replayed = await deps.doors[item.value.source](item.value, { bytes, isRepaired: version > 1 }, settle);
        if (replayed.ok) return ok();
        const { code, place } = replayed.error;
        await sql.begin(async (tx) => {
          await setState(tx, id, { code, place });
          await record(id, { act: "refused", version, code }, by, tx);
        });
        return err(failure(code));
      }),
    discard: (id, reason, by) =>
      lane.run(async () => {
        const item = await findWaiting(sql, id);
        if (!item.ok) return item;
        await sql.begin(async (tx) => {
          await setState(tx, id, { state: "discarded" });
          await record(id, { act: "discarded", version: item.value.version, note: reason }, by, tx);
        });
        return ok();
      }),
  };
}

/** What is replayed or discarded is nobody's task any more. */
async function findWaiting(sql: postgres.Sql, id: string): Promise<Result<KeptItem, Failure>> {
  const item = await findItem(sql, id);
  if (item === undefined) return err(failure("NOT_FOUND"));
  return item.state === "waiting" ? ok(item) : err(failure("STALE_VIEW", "somebody has dealt with it"));
}

function textToBytes(mediaType: string, text: string): Bytes {
  return mediaType.startsWith("x-application/hl7-v2") ? fromEditableText(text) : utf8ToBytes(text);
}

async function readKept({ dataDir }: Deps, { bytes, file }: KeptVersion): Promise<Bytes> {
  return file === undefined ? (bytes ?? toBytes([])) : toBytes(await readFile(join(dataDir, file)));
}

/** Images lie in files, as they do when they come in. */
async function keepBytes({ dataDir }: Deps, mediaType: string, bytes: Bytes): Promise<KeptVersion> {
  if (mediaType !== "application/dicom") return { bytes, file: undefined };
  const file = quarantineFile(sha256Hex(bytes));
  await keepFile(join(dataDir, file), bytes);
  return { bytes: undefined, file };
}
