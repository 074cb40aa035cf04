import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvariantError } from "@caseroom/contract";

/** A real PACS on ports of its own: it sends by DICOM, and reads DICOMweb doors by its plugin. */
export type Orthanc = {
  readonly url: string;
  readonly dicomPort: number;
  readonly call: (
    path: string,
    init?: { readonly method: string; readonly body: string | Uint8Array },
  ) => Promise<unknown>;
  readonly stop: () => Promise<void>;
};

const PROGRAM = "/usr/sbin/Orthanc";
const PLUGINS = "/usr/share/orthanc/plugins";
const START_MS = 30_000;

/** Whether this machine has Orthanc with its DICOMweb plugin (Debian: orthanc, orthanc-dicomweb). */
export function hasOrthanc(): boolean {
  return existsSync(PROGRAM) && existsSync(join(PLUGINS, "libOrthancDicomWeb.so"));
}

export async function startOrthanc(options: {
  readonly httpPort: number;
  readonly dicomPort: number;
  /** Where it may send: name → host, port and application entity title. */
  readonly modalities?: Readonly<
    Record<string, { readonly aet: string; readonly host: string; readonly port: number }>
  >;
  /** DICOMweb doors that it may read: name → URL and bearer token. */
  readonly servers?: Readonly<Record<string, { readonly url: string; readonly token: string }>>;
}): Promise<Orthanc> {
  const folder = mkdtempSync(join(tmpdir(), "caseroom-orthanc-"));
  const storage = join(folder, "db");
  mkdirSync(storage);
  const configuration = {
    Name: "TEST",
    StorageDirectory: storage,
    IndexDirectory: storage,
    Plugins: [PLUGINS],
    HttpPort: options.httpPort,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    DicomPort: options.dicomPort,
    DicomAet: "ORTHANC",
    DicomCheckCalledAet: false,
    DicomModalities: Object.fromEntries(
      Object.entries(options.modalities ?? {}).map(([name, { aet, host, port }]) => [name, [aet, host, port]]),
    ),
    DicomWeb: {
      Enable: true,
      Root: "/dicom-web/",
      Servers: Object.fromEntries(
        Object.entries(options.servers ?? {}).map(([name, { url, token }]) => [
          name,
          { Url: url, HttpHeaders: { Authorization: `Bearer ${token}` } },
        ]),
      ),
    },
  };
  const file = join(folder, "orthanc.json");
  writeFileSync(file, JSON.stringify(configuration));
  const child = spawn(PROGRAM, [file], {
    env: { ...process.env, TCP_NODELAY: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4000);
  });
  const url = `http://127.0.0.1:${options.httpPort}`;
  const call: Orthanc["call"] = async (path, init) => {
    const body = init === undefined ? {} : { method: init.method, body: new Uint8Array(Buffer.from(init.body)) };
    const response = await fetch(url + path, { ...body, signal: AbortSignal.timeout(60_000) });
    const text = await response.text();
    if (!response.ok) throw new InvariantError(`Orthanc answered ${response.status} to ${path}: ${text.slice(0, 400)}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  await awaitStart(
    child,
    () => call("/system"),
    () => said,
  );
  return {
    url,
    dicomPort: options.dicomPort,
    call,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function awaitStart(child: ChildProcess, ask: () => Promise<unknown>, said: () => string): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const isUp = await ask().then(
      () => true,
      () => false,
    );
    if (isUp) return;
    if (child.exitCode !== null || Date.now() > deadline) throw new InvariantError(`Orthanc did not start:\n${said()}`);
    await sleep(100);
  }
}
