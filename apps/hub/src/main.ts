import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { systemClock, systemRandom } from "@caseroom/contract";
import { connect, startPostgres } from "@caseroom/postgres";
import { describeError, logOptions } from "./http/request-log.ts";
import { createHub } from "./hub.ts";
import { readHubEnv } from "./hub-env.ts";

const CONNECTIONS = 12;

/** The hub as a program: settings, database, server, and an orderly end at SIGTERM and SIGINT. */
const env = readHubEnv(process.env);
if (!env.ok) {
  process.stderr.write(`caseroom hub: these settings are wrong: ${env.error.join(", ")}\n`);
  process.exit(2);
}
const { host, port, databaseUrl, postgresPort, logLevel, ...settings } = env.value;
const dataDir = resolve(settings.dataDir);

try {
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  const onLost = (): void => {
    process.stderr.write("caseroom hub: memory and database may have parted; ending, to be started anew\n");
    process.exit(1);
  };
  const server =
    databaseUrl === undefined
      ? await startPostgres({ dataDir: join(dataDir, "postgres"), port: postgresPort, onLost })
      : undefined;
  // For whoever must find every file of the hub: to back it up, or to look for what should not be there.
  const paths = server === undefined ? [dataDir] : [...new Set([dataDir, server.dataDir])];
  await writeFile(join(dataDir, "data-paths.json"), JSON.stringify(paths));
  const sql = connect(databaseUrl ?? server?.url ?? "", { max: CONNECTIONS });
  const logger = logOptions(logLevel);
  const hub = await createHub({ ...settings, sql, clock: systemClock, random: systemRandom, dataDir, logger, onLost });
  let isEnding = false;
  const end = async (): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    await hub.stop();
    await sql.end({ timeout: 5 });
    await server?.stop();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void end());
  await hub.start({ host, port });
  hub.app.log.info({ host, port }, "the hub is ready");
} catch (error) {
  // Its own reasons are written for operators and hold nothing else; of anything else only the kind is said.
  const { type, stack } = describeError(error);
  const reason = error instanceof Error && type === "InvariantError" ? error.message : `${type} ${stack}`;
  process.stderr.write(`caseroom hub: did not start: ${reason}\n`);
  process.exit(1);
}
