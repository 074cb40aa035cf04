import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { findBinaries, placeCluster } from "./postgres-binaries.ts";

const isRoot = process.getuid?.() === 0;

describe("a checkout in a home folder that is closed to others", () => {
  it.runIf(isRoot)(
    "still has a database for root: programs and data lie where user postgres reaches them, and it is said",
    async () => {
      const home = await mkdtemp(join(tmpdir(), "caseroom-closed-"));
      const copy = `test-${process.pid}`;
      await cp(findBinaries().folder, join(home, "native"), { recursive: true, verbatimSymlinks: true });
      await mkdir(join(home, "data"));
      const said: string[] = [];
      const say = (line: string) => void said.push(line);
      const binaries = { folder: join(home, "native"), version: copy };
      const place = await placeCluster({ dataDir: join(home, "data", "postgres"), isRoot: true }, say, binaries);
      try {
        expect(place.binDir.startsWith(home)).toBe(false);
        expect(place.dataDir.startsWith(home)).toBe(false);
        expect(said).toHaveLength(2);
        // As anybody else on this machine.
        const version = execFileSync(join(place.binDir, "postgres"), ["--version"], { uid: 65_534, gid: 65_534 });
        expect(version.toString("utf8")).toMatch(/^postgres \(PostgreSQL\) 18/);
        // Copied once: the next program finds them there.
        await placeCluster({ dataDir: join(home, "data", "postgres"), isRoot: true }, say, binaries);
        expect(said).toHaveLength(3);
      } finally {
        await rm(dirname(place.binDir), { recursive: true, force: true });
        await rm(dirname(place.dataDir), { recursive: true, force: true });
        await rm(home, { recursive: true, force: true });
      }
    },
  );
});
