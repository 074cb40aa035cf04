import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

/** Whether this machine has the tools of DCMTK (Debian: dcmtk). */
export function hasDcmtk(): boolean {
  return spawnSync("storescu", ["--version"]).error === undefined;
}

/**
 * A scanner: stores files in one association by DCMTK's storescu (PS3.4 annex B). Resolves when the association has ended, with the files
 * that were answered by Success, in their order; `onAcknowledged` hears of each at once. Whoever listens must answer without Nagle too.
 */
export async function storeByDcmtk(
  to: { readonly host: string; readonly port: number; readonly aet: string },
  files: readonly string[],
  onAcknowledged: (soFar: readonly string[]) => void = () => undefined,
): Promise<readonly string[]> {
  const args = ["-v", "-aet", "SCANNER", "-aec", to.aet, to.host, String(to.port), ...files];
  const sender = spawn("storescu", args, { env: { ...process.env, TCP_NODELAY: "1" } });
  const acknowledged: string[] = [];
  let current = "";
  const read = (line: string) => {
    current = /Sending file: (.+)$/.exec(line)?.[1] ?? current;
    if (!line.includes("Received Store Response (Success)")) return;
    acknowledged.push(current);
    onAcknowledged(acknowledged);
  };
  for (const stream of [sender.stdout, sender.stderr]) createInterface({ input: stream }).on("line", read);
  await new Promise((resolve) => sender.once("close", resolve));
  return acknowledged;
}
