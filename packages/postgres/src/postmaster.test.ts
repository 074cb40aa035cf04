import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connect } from "./connect.ts";
import { startPostgres } from "./start-postgres.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caseroom-test-"));
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a PostgreSQL that is killed", () => {
  it("tells the program that used it, keeps its lock for its successor, and has every committed row again", async () => {
    const dataDir = join(folder, "postgres");
    const onLost = vi.fn();
    const server = await startPostgres({ dataDir, port: 0, onLost });
    const sql = connect(server.url, { max: 1 });
    await sql`CREATE TABLE kept AS SELECT 1::bigint AS n`;
    process.kill(server.pid, "SIGKILL");
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledOnce(), { timeout: 30_000 });
    await sql.end({ timeout: 1 });
    // The file names the shared memory by which PostgreSQL knows whether backends of the dead server still write.
    expect(existsSync(join(dataDir, "postmaster.pid"))).toBe(true);
    const again = await vi.waitFor(() => startPostgres({ dataDir, port: 0, onLost }), {
      timeout: 30_000,
      interval: 200,
    });
    expect(readFileSync(join(dataDir, "postmaster.pid"), "utf8")).toMatch(new RegExp(`^${again.pid}\n`));
    const after = connect(again.url, { max: 1 });
    expect(await after`SELECT n FROM kept`).toEqual([{ n: 1 }]);
    await after.end();
    await again.stop();
    expect(onLost).toHaveBeenCalledOnce();
  });
});
