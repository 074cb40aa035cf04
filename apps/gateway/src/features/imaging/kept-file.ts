import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Bytes } from "@caseroom/contract";

/** Writes a file so that it is whole or not there, and durable with its name when this resolves. */
export async function keepFile(path: string, bytes: Bytes): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  const part = join(folder, `.${randomBytes(8).toString("hex")}.part`);
  const handle = await open(part, "wx", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(part, path);
  await syncFolder(folder);
}

/** Makes a folder with those above it. A new one is durable when the one that holds it is: a file inside would be lost with it. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  for (let made = folder; first !== undefined; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first) return;
  }
}

export function sha256Hex(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A name is durable when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
