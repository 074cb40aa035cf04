import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, type Sql } from "./connect.ts";
import { runMigrations } from "./migrations.ts";
import { dumpSchema } from "./schema-dump.ts";
import { startPostgres } from "./start-postgres.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caseroom-test-"));
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function ask(url: string, question: (sql: Sql) => Promise<unknown>): Promise<unknown> {
  const sql = connect(url, { max: 1 });
  try {
    return await question(sql);
  } finally {
    await sql.end();
  }
}

describe("a program with a PostgreSQL of its own", () => {
  it("finds its rows again after a stop, and nobody gets in without the password", async () => {
    const dataDir = join(folder, "first");
    const server = await startPostgres({ dataDir, port: 0 });
    await ask(server.url, (sql) => sql`CREATE TABLE kept AS SELECT 2::bigint AS n`);
    const stranger = server.url.replace(/:[^:@]+@/, ":guess@");
    await expect(ask(stranger, (sql) => sql`SELECT 1`)).rejects.toThrow(/password/);
    await server.stop();
    const again = await startPostgres({ dataDir, port: 0 });
    expect(await ask(again.url, (sql) => sql`SELECT n FROM kept`)).toEqual([{ n: 2 }]);
    expect(await ask(again.url, (sql) => sql`SHOW data_checksums`)).toEqual([{ data_checksums: "on" }]);
    await again.stop();
    expect((await stat(join(folder, "postgres.password"))).mode & 0o777).toBe(0o600);
  });

  it("adopts the server that it left behind when it was killed", async () => {
    const dataDir = join(folder, "killed");
    const script = `import { startPostgres } from ${JSON.stringify(new URL("./start-postgres.ts", import.meta.url).href)};
      const server = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, port: 0 });
      console.log(server.pid); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module-typescript", "-e", script]);
    const [line]: unknown[] = await once(parent.stdout, "data");
    parent.kill("SIGKILL");
    await once(parent, "exit");
    const adopted = await startPostgres({ dataDir, port: 0 });
    expect(adopted.pid).toBe(Number(String(line)));
    expect(await ask(adopted.url, (sql) => sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
    await adopted.stop();
  });

  it("starts anew when its folder was removed, wherever the database stood, and keeps what was there", async () => {
    const dataDir = join(folder, "removed", "postgres");
    const server = await startPostgres({ dataDir, port: 0 });
    await server.stop();
    await rm(join(folder, "removed", "postgres.password"));
    const again = await startPostgres({ dataDir, port: 0 });
    expect(await ask(again.url, (sql) => sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
    await again.stop();
    expect((await readdir(join(folder, "removed"))).filter((name) => name.startsWith("postgres.")).length).toBe(2);
  });

  it("starts although the pid file names a process that is somebody else's", async () => {
    const dataDir = join(folder, "stale");
    await (await startPostgres({ dataDir, port: 0 })).stop();
    await writeFile(join(dataDir, "postmaster.pid"), `${process.pid}\n${dataDir}\n0\n5432\n`);
    const server = await startPostgres({ dataDir, port: 0 });
    expect(await ask(server.url, (sql) => sql`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
    await server.stop();
  });
});

describe("migrations", () => {
  it("go forward once, all or nothing, and refuse a file that has changed", async () => {
    const server = await startPostgres({ dataDir: join(folder, "migrated"), port: 0 });
    const files = join(folder, "migrations");
    await mkdir(files);
    await writeFile(join(files, "001-notes.sql"), "CREATE TABLE notes (id bigint PRIMARY KEY, text text);");
    const url = pathToFileURL(files);
    await ask(server.url, async (sql) => {
      expect(await runMigrations(sql, url)).toEqual(["001-notes.sql"]);
      expect(await runMigrations(sql, url)).toEqual([]);
      const before = await dumpSchema(sql);
      expect(before).toBe(
        "CREATE TABLE notes (\n  id bigint NOT NULL,\n  text text,\n  CONSTRAINT notes_pkey PRIMARY KEY (id)\n);\n" +
          "CREATE UNIQUE INDEX notes_pkey ON notes USING btree (id);\n",
      );
      await writeFile(join(files, "002-half.sql"), "ALTER TABLE notes ADD at bigint; SELECT nothing FROM nowhere;");
      await expect(runMigrations(sql, url)).rejects.toThrow();
      expect(await dumpSchema(sql)).toBe(before);
      await rm(join(files, "002-half.sql"));
      const text = await readFile(join(files, "001-notes.sql"), "utf8");
      await writeFile(join(files, "001-notes.sql"), `${text} `);
      await expect(runMigrations(sql, url)).rejects.toThrow(/has changed/);
    });
    await server.stop();
  });
});
