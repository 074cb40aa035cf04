import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InvariantError } from "@caseroom/contract";
import { z } from "zod";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const START_MS = 180_000;

const worldFile = z.object({
  pid: z.number(),
  hub: z.object({ url: z.string(), dataPaths: z.array(z.string()), pid: z.number() }),
  gateways: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      url: z.string(),
      pid: z.number(),
      mllp: z.object({ host: z.string(), port: z.number() }),
      dicom: z.object({ host: z.string(), port: z.number(), aet: z.string() }),
      fhir: z.string(),
      dicomweb: z.string(),
      token: z.string(),
    }),
  ),
  people: z.array(
    z.object({
      login: z.string(),
      password: z.string(),
      totpSecret: z.string(),
      name: z.string(),
      role: z.string(),
      gateway: z.string(),
    }),
  ),
  logs: z.string(),
});
export type DemoWorld = z.infer<typeof worldFile> & { readonly folder: string };
export type DemoGateway = DemoWorld["gateways"][number];

/** Reads the world that runs in a folder. */
export function readDemoWorld(folder: string): DemoWorld {
  return { ...worldFile.parse(JSON.parse(readFileSync(join(folder, "world.json"), "utf8"))), folder };
}

export type RunningWorld = {
  readonly folder: string;
  readonly stop: () => Promise<void>;
  readonly supervisor: ChildProcess;
};

/** Boots the demo world as `npm start` does, in a folder of its own; ready when it resolves. */
export async function bootDemoWorld(options: {
  readonly basePort: number;
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<RunningWorld> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "caseroom-world-"));
  // As an ordinary folder: PostgreSQL, under a user of its own, can walk into it.
  chmodSync(folder, 0o755);
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(REPOSITORY, "apps/cli/src/main.ts"), "world", "start"],
    {
      cwd: REPOSITORY,
      env: { ...process.env, ...options.env, CASEROOM_DATA: folder, CASEROOM_BASE_PORT: String(options.basePort) },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new InvariantError(`the world is not ready in time:\n${output.slice(-4000)}`)),
      START_MS,
    );
    const read = (text: string) => {
      output += text;
      if (!/^caseroom ready /m.test(output)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.on("exit", () => {
      clearTimeout(timer);
      reject(new InvariantError(`the world ended:\n${output.slice(-4000)}`));
    });
  });
  await ready;
  return {
    folder,
    supervisor: child,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await ended;
      }
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function gatewayOf(world: DemoWorld, id: string): DemoGateway {
  const gateway = world.gateways.find((one) => one.id === id);
  if (gateway === undefined) throw new InvariantError(`the world has no gateway ${id}`);
  return gateway;
}
