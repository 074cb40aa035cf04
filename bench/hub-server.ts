import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { systemClock, systemRandom } from "@caseroom/contract";
import { createHub, logOptions } from "@caseroom/hub";
import { connect } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";

/**
 * A hub in a process of its own, as its program starts it, but for two settings: no limit of requests a minute, and only warnings are logged.
 * It says where it and its database are over the channel to its parent, and ends when that closes.
 */
const CONNECTIONS = 12;
const [port = "0", bootstrapToken = ""] = process.argv.slice(2);

const postgres = await startPostgresForTesting();
const dataDir = join(postgres.folder, "hub");
await mkdir(dataDir);
const sql = connect(postgres.url, { max: CONNECTIONS });
const publicUrl = `http://127.0.0.1:${port}`;
const logger = logOptions("warn");
const hub = await createHub({
  ...{ sql, clock: systemClock, random: systemRandom, dataDir, publicUrl, bootstrapToken, logger },
  allowedOrigins: [],
  maxRequestsPerMinute: Number.MAX_SAFE_INTEGER,
});
await hub.start({ host: "127.0.0.1", port: Number(port) });

const end = async (): Promise<void> => {
  await hub.stop();
  await sql.end({ timeout: 5 });
  await postgres.stop();
  process.exit(0);
};
process.on("disconnect", () => void end());
process.on("SIGINT", () => undefined);
process.send?.({ hubUrl: publicUrl, databaseUrl: postgres.url });
