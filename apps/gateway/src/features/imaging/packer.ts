import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type BlobSource,
  bytesSource,
  type Client,
  createLane,
  encodePackIndex,
  MAX_MANIFEST_PACKS,
} from "@caseroom/client";
import { type CompId, err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import type postgres from "postgres";
import { type EventLog, toError } from "../../event-log.ts";
import type { Charts } from "../charts/charts.ts";
import { draftAnnouncement, encodeDescriptors } from "./pack-announcement.ts";
import { choosePack, QUIET_MS } from "./pack-closing.ts";
import { openPackSource, readPackRows } from "./pack-source.ts";
import { createFileSpool } from "./pack-spool.ts";
import {
  closePack,
  countPacks,
  listDescribed,
  listFiles,
  listInstances,
  listOpenSeries,
  listPacks,
  listUnpacked,
  markAnnounced,
  markRefused,
  markUploaded,
  type Pack,
  type SeriesKey,
} from "./pack-store.ts";

/** Seals received images in packs, brings them to the hub and says in the patient's chart that they are there. */
export type Packer = {
  /** More instances have been received. */
  readonly notify: () => void;
  /** An association is open from its first instance until it ends: while it is, more may come. */
  readonly onAssociationEnd: (association: string) => void;
  readonly stop: () => Promise<void>;
};

const RETRY_MS = 1000;
const LOOK_AGAIN_MS = 500;
/** A scanner sends some tens of images a second: they are looked at together. */
const GATHER_MS = 50;
/** Ends that are remembered; an older one is over by quiet anyway. */
const MAX_ENDED = 1000;

export function startPacker(deps: {
  readonly sql: postgres.Sql;
  readonly client: Pick<Client, "blobs" | "outbox">;
  readonly charts: Charts;
  readonly dataDir: string;
  readonly log: EventLog;
  readonly nowMs: () => number;
}): Packer {
  const { sql, client, charts, dataDir, log, nowMs } = deps;
  const startedMs = nowMs();
  const ended = new Set<string>();
  const lane = createLane();
  let isStopped = false;
  let isScheduled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let gathering: ReturnType<typeof setTimeout> | undefined;

  const spoolOf = (packId: string, part: "pack" | "index") =>
    createFileSpool(join(dataDir, "imaging", "spool", `${packId}.${part}`));

  /** True while a series may still receive more, so that somebody must look again. */
  const closeSeries = async (key: SeriesKey): Promise<boolean> => {
    for (;;) {
      const waiting = await listUnpacked(sql, key);
      if (waiting.length === 0) return false;
      // What was received before this start cannot be part of an association that is still open.
      const isOver = (association: string) =>
        ended.has(association) || waiting.every((one) => one.association !== association || one.receivedMs < startedMs);
      const sops = choosePack(waiting, { packs: await countPacks(sql, key), nowMs: nowMs(), isOver });
      if (sops.length === 0) return true;
      await closePack(sql, key, sops, nowMs());
    }
  };

  const upload = async (pack: Pack): Promise<Result<undefined, Failure>> => {
    // One more would push another out of the manifest, and its images out of everybody's sight.
    if ((await listDescribed(sql, pack)).length >= MAX_MANIFEST_PACKS)
      return err(failure("TOO_LARGE", "a series has at most 96 packs"));
    const chart = await charts.ensure(pack.patientId);
    if (!chart.ok) return chart;
    const instances = await listInstances(sql, pack.id);
    const rows = await readPackRows(dataDir, instances);
    const files = new Map(instances.map(({ sop, file }) => [sop, file]));
    const blob = await send(chart.value.clinical, pack.id, "pack", openPackSource(dataDir, rows, files));
    if (!blob.ok) return blob;
    const index = await send(chart.value.clinical, pack.id, "index", bytesSource(encodePackIndex(rows)));
    if (!index.ok) return index;
    const described = { blob: blob.value, index: index.value, instances: rows.length };
    await markUploaded(sql, pack.id, encodeDescriptors(described));
    return ok();
  };

  const send = async (compId: CompId, packId: string, part: "pack" | "index", source: BlobSource) => {
    const spool = spoolOf(packId, part);
    const mediaType = part === "pack" ? "application/dicom" : "application/cbor";
    try {
      return await client.blobs.upload(compId, { source, mediaType, name: part, spool });
    } finally {
      await spool.close();
    }
  };

  const announce = async (key: SeriesKey): Promise<Result<undefined, Failure>> => {
    const chart = await charts.ensure(key.patientId);
    if (!chart.ok) return chart;
    const announcement = await draftAnnouncement(sql, key, nowMs());
    if (announcement === undefined) return ok();
    const accepted = await client.outbox.appendKept(chart.value.clinical, announcement.drafts);
    if (!accepted.ok) return accepted;
    // The row comes last: after a crash in between everything is said again, which changes nothing, and no file is forgotten.
    for (const packId of announcement.packIds) await removeFiles(packId);
    await markAnnounced(sql, announcement.packIds);
    return ok();
  };

  /** The chart has them now; the sender keeps the originals. */
  const removeFiles = async (packId: string): Promise<void> => {
    await spoolOf(packId, "pack").remove();
    await spoolOf(packId, "index").remove();
    for (const file of await listFiles(sql, packId)) await rm(join(dataDir, file), { force: true });
  };

  /** Each pack is announced by itself: what is first is seen first. */
  const sendPack = async (pack: Pack): Promise<Failure | undefined> => {
    const uploaded = pack.state === "uploaded" ? ok() : await guarded(() => upload(pack));
    if (!uploaded.ok && isForGood(uploaded.error)) {
      log("pack refused", uploaded.error);
      await markRefused(sql, pack, uploaded.error.code, nowMs());
      return undefined;
    }
    const announced = uploaded.ok ? await guarded(() => announce(pack)) : uploaded;
    return announced.ok ? undefined : announced.error;
  };

  /** One pack that cannot be sent holds back no other. */
  const sendPacks = async (): Promise<Failure | undefined> => {
    let problem: Failure | undefined;
    for (const pack of await listPacks(sql)) {
      if (isStopped || problem?.code === "OFFLINE") break;
      problem = (await sendPack(pack)) ?? problem;
    }
    return problem;
  };

  const guarded = async (work: () => Promise<Result<undefined, Failure>>): Promise<Result<undefined, Failure>> => {
    try {
      return await work();
    } catch (thrown) {
      log("packing failed", toError(thrown));
      return err(failure("INTERNAL"));
    }
  };

  const pass = async (): Promise<void> => {
    isScheduled = false;
    if (isStopped) return;
    let isOpen = false;
    for (const key of await listOpenSeries(sql)) isOpen = (await closeSeries(key)) || isOpen;
    const problem = await sendPacks();
    if (problem !== undefined) {
      log("pack waits", problem);
      later(RETRY_MS);
    } else if (isOpen) later(Math.min(LOOK_AGAIN_MS, QUIET_MS));
  };

  const look = () => {
    if (isScheduled || isStopped) return;
    isScheduled = true;
    lane.run(pass).catch((error: unknown) => {
      log("packing failed", toError(error));
      later(RETRY_MS);
    });
  };
  const later = (ms: number) => {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(look, ms);
  };
  const notify = () => {
    if (isStopped) return;
    gathering ??= setTimeout(() => {
      gathering = undefined;
      look();
    }, GATHER_MS);
  };
  look();
  return {
    notify,
    onAssociationEnd: (association) => {
      ended.add(association);
      for (const oldest of ended) {
        if (ended.size <= MAX_ENDED) break;
        ended.delete(oldest);
      }
      look();
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      clearTimeout(gathering);
      await lane.idle();
    },
  };
}

function isForGood({ code }: Failure): boolean {
  return code === "TOO_LARGE" || code === "BAD_REQUEST";
}
