import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Bytes } from "@caseroom/contract";

/** A new file that is being written. One of the two has to be called. */
export type NewFile = {
  /** The file is whole, and durable with its name, when this resolves. */
  readonly keep: () => Promise<void>;
  readonly discard: () => Promise<void>;
};

/**
 * Begins to write, so that the disk is at work while its fate is decided. Until it is kept, it may be there in part: nobody may look for it
 * who does not know from elsewhere that it was kept.
 */
export function beginFile(path: string, bytes: Bytes): NewFile {
  const writing = writeNew(path, bytes);
  // Whoever keeps or discards it is told; until then nobody listens.
  writing.catch(() => undefined);
  const discard = () => rm(path, { force: true });
  return {
    keep: async () => {
      try {
        await syncNew(await writing, dirname(path));
      } catch (error) {
        await discard();
        throw error;
      }
    },
    discard: async () => {
      const handle = await writing.catch(() => undefined);
      await handle?.close();
      await discard();
    },
  };
}

async function writeNew(path: string, bytes: Bytes): Promise<FileHandle> {
  await makeFolder(dirname(path));
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(bytes);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Together: file and name go to disk in one turn of the journal. */
async function syncNew(handle: FileHandle, folder: string): Promise<void> {
  try {
    await Promise.all([handle.datasync(), syncFolder(folder)]);
  } finally {
    await handle.close();
  }
}

/** Writes a file so that it is whole or not there, and durable with its name when this resolves. */
export async function keepFile(path: string, bytes: Bytes): Promise<void> {
  const folder = dirname(path);
  const part = join(folder, `.${randomBytes(8).toString("hex")}.part`);
  await beginFile(part, bytes).keep();
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
