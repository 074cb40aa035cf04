import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { connect, runMigrations, startPostgres } from "@caseroom/postgres";
import { readConfig } from "./config.ts";
import { startGateway } from "./gateway.ts";

/** The gateway of one institution: `node apps/gateway/src/main.ts` with the environment of config.ts. */
const config = readConfig(process.env);
if ("problems" in config) {
  process.stderr.write(
    `gateway: the configuration is not usable\n${config.problems.map((one) => `  ${one}\n`).join("")}`,
  );
  process.exit(2);
}
mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
const onLost = () => {
  process.stderr.write("gateway: memory and database may have parted; ending, to be started anew\n");
  process.exit(1);
};
const database =
  config.databaseUrl === undefined
    ? await startPostgres({ dataDir: join(config.dataDir, "postgres"), port: config.postgresPort, onLost })
    : undefined;
const sql = connect(database?.url ?? config.databaseUrl ?? "", { max: 10 });
await runMigrations(sql, new URL("../migrations/", import.meta.url));
const gateway = await startGateway(config, sql, onLost);
process.stdout.write(`gateway ${config.id} ready at ${config.url}\n`);

let isStopping = false;
const stop = async () => {
  if (isStopping) return;
  isStopping = true;
  await gateway.stop();
  await sql.end({ timeout: 5 });
  await database?.stop();
  process.exit(0);
};
process.on("SIGTERM", () => void stop());
process.on("SIGINT", () => void stop());
