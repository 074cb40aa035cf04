import { execFile } from "node:child_process";
import { existsSync, globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { connect, type Sql } from "@caseroom/postgres";
import { runClosedLoop } from "./rates.ts";

const execute = promisify(execFile);

/** Commits of one row a second, by as many clients, on the server that the hub uses. */
export type RowCommits = {
  readonly name: string;
  readonly run: (clients: number, seconds: number) => Promise<number>;
  readonly close: () => Promise<void>;
};

/** pgbench of the machine, or, where there is none, a loop of ours that is told apart by its name. */
export async function openRowCommits(input: {
  readonly databaseUrl: string;
  readonly folder: string;
  readonly rowBytes: number;
  readonly say: (line: string) => void;
}): Promise<RowCommits> {
  const { databaseUrl, folder, rowBytes, say } = input;
  const sql = connect(databaseUrl, { max: 32 });
  await sql`CREATE TABLE bench_rows (id bigserial PRIMARY KEY, bytes text NOT NULL)`;
  const program = findPgbench();
  if (program === undefined) {
    say("no pgbench here (apt-get install postgresql-15): a loop of prepared INSERTs stands in for it");
    return loopOf(sql, rowBytes);
  }
  const script = join(folder, "insert.sql");
  writeFileSync(script, `INSERT INTO bench_rows (bytes) VALUES (repeat('x', ${rowBytes}));\n`);
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const env = {
    ...process.env,
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
  };
  return {
    name: "pgbench",
    run: async (clients, seconds) => {
      // On a machine that is busy enough nothing is committed in a short time: then it is given more of it.
      for (const patience of [1, 3, 9]) {
        const rate = await runPgbench(program, { script, env, clients, seconds: seconds * patience });
        if (rate > 0) return rate;
      }
      throw new RangeError("pgbench commits nothing");
    },
    close: () => sql.end({ timeout: 5 }),
  };
}

async function runPgbench(
  program: string,
  input: {
    readonly script: string;
    readonly env: NodeJS.ProcessEnv;
    readonly clients: number;
    readonly seconds: number;
  },
): Promise<number> {
  const { script, env, clients, seconds } = input;
  const threads = Math.min(2, clients);
  const args = ["-n", "-M", "prepared", "-c", clients, "-j", threads, "-T", Math.ceil(seconds), "-f", script];
  const { stdout } = await execute(program, args.map(String), { env });
  if (/actually processed: 0$/m.test(stdout)) return 0;
  const rate = /^tps = ([\d.]+)/m.exec(stdout)?.[1];
  if (rate === undefined) throw new RangeError(`pgbench said: ${stdout.slice(-400)}`);
  return Number(rate);
}

function loopOf(sql: Sql, rowBytes: number): RowCommits {
  const text = "x".repeat(rowBytes);
  return {
    name: "INSERT loop",
    run: async (clients, seconds) => {
      const insert = () => sql`INSERT INTO bench_rows (bytes) VALUES (${text})`;
      const done = await runClosedLoop(
        Array.from({ length: clients }, () => async () => void (await insert())),
        seconds,
      );
      return done.count / done.seconds;
    },
    close: () => sql.end({ timeout: 5 }),
  };
}

function findPgbench(): string | undefined {
  return [...globSync("/usr/lib/postgresql/*/bin/pgbench"), "/usr/bin/pgbench"].find((file) => existsSync(file));
}
