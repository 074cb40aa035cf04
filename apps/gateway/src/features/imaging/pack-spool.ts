import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { BlobSpool } from "@caseroom/client";
import { type Bytes, toBytes } from "@caseroom/contract";

/** A spool on disk: `<path>` holds the sealed bytes, `<path>.note` says that all of them are there. */
export function createFileSpool(path: string): BlobSpool & { readonly close: () => Promise<void> } {
  const notePath = `${path}.note`;
  let writing: Promise<FileHandle> | undefined;
  let reading: Promise<FileHandle> | undefined;
  const close = async () => {
    const handles = [writing, reading];
    writing = undefined;
    reading = undefined;
    for (const handle of handles) await (await handle)?.close();
  };
  const openForWriting = async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
  };
  return {
    close,
    note: async () => {
      try {
        return toBytes(await readFile(notePath));
      } catch {
        return undefined;
      }
    },
    write: async (offset, bytes) => {
      writing ??= openForWriting();
      await (await writing).write(bytes, 0, bytes.length, offset);
    },
    finish: async (note) => {
      await (await writing)?.sync();
      await close();
      await writeDurably(notePath, note);
    },
    read: async (offset, length) => {
      reading ??= open(path, "r");
      const bytes: Bytes = new Uint8Array(length);
      const { bytesRead } = await (await reading).read(bytes, 0, length, offset);
      return bytes.subarray(0, bytesRead);
    },
    remove: async () => {
      await close();
      // The note goes first: what is left over of a removed spool is never taken for a whole one.
      await rm(notePath, { force: true });
      await rm(path, { force: true });
    },
  };
}

async function writeDurably(path: string, bytes: Bytes): Promise<void> {
  const handle = await open(`${path}.new`, "w", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.new`, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
