import { type Clock, equalBytes, InvariantError, type Random } from "@caseroom/contract";
import { runMigrations, type Sql } from "@caseroom/postgres";
import type { FastifyInstance } from "fastify";
import { createAccountStore } from "./features/accounts/account-store.ts";
import { createBlobFiles } from "./features/blobs/blob-files.ts";
import { createBlobStore } from "./features/blobs/blob-store.ts";
import { createDeviceRequestStore } from "./features/devices/device-request-store.ts";
import { createStaff } from "./features/directory/staff.ts";
import { createEntryWriter } from "./features/entries/entry-writer.ts";
import { createFeedMemory } from "./features/entries/feed-memory.ts";
import { loadFeeds } from "./features/entries/feed-store.ts";
import { createChainMemory } from "./features/links/chain-memory.ts";
import { loadChains } from "./features/links/link-store.ts";
import { createLogNodes } from "./features/log/log-nodes.ts";
import { createLogWriter } from "./features/log/log-writer.ts";
import { createSequencer } from "./features/log/sequencer.ts";
import { createSessionStore } from "./features/sessions/session-store.ts";
import { createSignInLimit } from "./features/sessions/sign-in-limit.ts";
import { createSignIns } from "./features/sessions/sign-ins.ts";
import { createAccess } from "./features/spaces/access.ts";
import { registerStream } from "./features/stream/stream.ts";
import { createApp } from "./http/create-app.ts";
import { registerHealth } from "./http/health.ts";
import { createMetrics } from "./http/metrics.ts";
import type { LogOptions } from "./http/request-log.ts";
import { openLogKeys } from "./hub-keys.ts";
import { registerOperations } from "./hub-operations.ts";
import { createNotices } from "./notices.ts";
import { takeHubLock } from "./single-hub-lock.ts";

export type HubDeps = {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly random: Random;
  /** For blobs and the keys of the log. */
  readonly dataDir: string;
  /** Where clients reach it: part of what devices sign at sign-in, and the name of the log. */
  readonly publicUrl: string;
  readonly bootstrapToken: string | undefined;
  readonly allowedOrigins: readonly string[];
  readonly logger: LogOptions;
  readonly maxRequestsPerMinute?: number;
  /** Memory and database may have parted; the process must end and start anew. */
  readonly onLost?: () => void;
};

export type Hub = {
  readonly app: FastifyInstance;
  /** Listens, and turns feeds into log lines. Port 0 takes a free one. Answers the address. */
  readonly start: (listen: { readonly host: string; readonly port: number }) => Promise<string>;
  /** Stops accepting, finishes what is under way, closes sockets with 1001. The database stays the caller's. */
  readonly stop: () => Promise<void>;
};

export const MIGRATIONS: URL = new URL("../migrations/", import.meta.url);

const MAX_REQUESTS_PER_MINUTE = 3000;

/**
 * Migrates the database, replays every chain through the rules that accepted it, and logs what was pending, before anything can be
 * asked. Throws InvariantError when another hub runs on the database, or when it belongs to another log's keys.
 */
export async function createHub(deps: HubDeps): Promise<Hub> {
  const { sql, clock, random, publicUrl, dataDir } = deps;
  const lock = await takeHubLock(sql);
  await runMigrations(sql, MIGRATIONS);
  const keys = await openLogKeys(dataDir, random);

  const metrics = createMetrics();
  const notices = createNotices();
  const chains = createChainMemory();
  await loadChains(sql, chains);
  const named = chains.view.consortium()?.log;
  if (named !== undefined && !equalBytes(named.logKey, keys.logKey.publicKey))
    throw new InvariantError("the database belongs to another log: restore the keys from the backup");
  // A log keeps the name that its consortium was founded with, wherever the hub moves.
  const origin = named?.origin ?? `${new URL(publicUrl).host}/cr1`;
  const feeds = createFeedMemory();
  const nodes = createLogNodes(sql);
  const onLost = deps.onLost ?? (() => undefined);
  const log = createLogWriter({ sql, clock, origin, keys, feeds, nodes, metrics, onLost });
  const access = createAccess({ chains, clock });
  const staff = createStaff({ chains, clock });
  const sessions = createSessionStore({ sql, clock, random, isDeviceActive: access.isDeviceActive });
  const signIns = createSignIns({ clock, random });
  const logKey = keys.logKey;
  const writer = createEntryWriter({ sql, clock, chains, access, feeds, logKey, notices, metrics });
  const maxRequestsPerMinute = deps.maxRequestsPerMinute ?? MAX_REQUESTS_PER_MINUTE;
  const { allowedOrigins, logger } = deps;
  const app = await createApp({ logger, allowedOrigins, metrics, random, maxRequestsPerMinute });
  const onError = (error: unknown): void => app.log.error({ err: error }, "the sequencer failed");
  const sequencer = createSequencer({ log, feeds, notices, onError });

  await loadFeeds(sql, feeds);
  await log.load();
  await sessions.load();
  await sequencer.flush();

  let isStopping = false;
  registerHealth(app, { sql, metrics, publicUrl, isStopping: () => isStopping });
  registerStream(app, { sql, access, chains, sessions, notices, metrics });
  registerOperations(app, {
    ...{ sql, clock, chains, feeds, log, nodes, writer, notices, metrics, access, staff, sessions, signIns },
    accounts: createAccountStore(sql),
    blobs: createBlobStore(sql),
    files: createBlobFiles(dataDir),
    requests: createDeviceRequestStore({ sql, clock, random }),
    limit: createSignInLimit(clock),
    audience: new URL(publicUrl).origin,
    bootstrapToken: deps.bootstrapToken,
  });
  sequencer.start();

  return {
    app,
    start: ({ host, port }) => app.listen({ host, port }),
    stop: async () => {
      if (isStopping) return;
      isStopping = true;
      await app.close();
      await log.lane.idle();
      await writer.idle();
      await sequencer.stop();
      await lock.release();
    },
  };
}
