import { type FileHandle, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BlobSource, PackRow } from "@caseroom/client";
import { type Bytes, concatBytes, InvariantError, toBytes } from "@caseroom/contract";
import { readDicom } from "@caseroom/dicom";
import type { StoredInstance } from "./pack-store.ts";

/** Rows of the index, in the order in which the files stand in the pack: by InstanceNumber, then by UID. */
export async function readPackRows(dataDir: string, instances: readonly StoredInstance[]): Promise<readonly PackRow[]> {
  const rows: PackRow[] = [];
  for (const stored of instances) {
    const bytes = toBytes(await readFile(join(dataDir, stored.file)));
    const read = readDicom(bytes);
    // It was readable when it was received, by the same code.
    if (!read.ok || bytes.length !== stored.size)
      throw new InvariantError("a stored instance is not what was received");
    const { sop, sopClass, number, frames, transferSyntax, header } = read.value;
    rows.push({
      sop,
      sopClass,
      number: Math.max(0, number),
      offset: 0,
      length: bytes.length,
      frames,
      transferSyntax,
      header,
    });
  }
  rows.sort((a, b) => a.number - b.number || (a.sop < b.sop ? -1 : 1));
  let offset = 0;
  return rows.map((row) => {
    const placed = { ...row, offset };
    offset += row.length;
    return placed;
  });
}

/** The files of a pack as one run of bytes, read in pieces; only one file is open at a time for each piece. */
export function openPackSource(
  dataDir: string,
  rows: readonly PackRow[],
  fileOf: ReadonlyMap<string, string>,
): BlobSource {
  const last = rows.at(-1);
  return {
    size: last === undefined ? 0 : last.offset + last.length,
    read: async (from, until) => {
      const parts: Bytes[] = [];
      for (const row of rows) {
        if (row.offset + row.length <= from || row.offset >= until) continue;
        const start = Math.max(from, row.offset) - row.offset;
        const end = Math.min(until, row.offset + row.length) - row.offset;
        parts.push(await readPiece(join(dataDir, fileOf.get(row.sop) ?? ""), start, end));
      }
      const [only] = parts;
      return parts.length === 1 && only !== undefined ? only : concatBytes(...parts);
    },
  };
}

async function readPiece(path: string, from: number, until: number): Promise<Bytes> {
  const handle: FileHandle = await open(path, "r");
  try {
    const bytes: Bytes = new Uint8Array(until - from);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    if (bytesRead !== bytes.length) throw new InvariantError("a stored instance is shorter than when it was received");
    return bytes;
  } finally {
    await handle.close();
  }
}
