import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Sql } from "./connect.ts";
import { startPostgres } from "./start-postgres.ts";

/** A real PostgreSQL in a folder of its own, gone without a trace after `stop`. */
export async function startPostgresForTesting(): Promise<{
  readonly url: string;
  /** For further files of the test. */
  readonly folder: string;
  readonly sql: Sql;
  readonly stop: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), "caseroom-test-"));
  await chmod(folder, 0o755);
  const server = await startPostgres({ dataDir: join(folder, "postgres"), port: 0 });
  const sql = connect(server.url, { max: 10 });
  return {
    url: server.url,
    folder,
    sql,
    stop: async () => {
      await sql.end({ timeout: 5 });
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
