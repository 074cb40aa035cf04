/** A file that somebody chose or dropped, with the path below the folder in which it was. */
export type ChosenFile = { readonly path: string; readonly file: File };

/** One thing to send: a file, or the bulk-export files of a folder, which belong together. */
export type ImportUnit = { readonly name: string; readonly files: readonly ChosenFile[] };

const BOOKKEEPING = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|__MACOSX\/.*)$/;
const MAX_DEPTH = 32;

/** Everything that was dropped, folders walked through. Reads the items at once: they are gone after the event. */
export async function readDropped(items: DataTransferItemList): Promise<readonly ChosenFile[]> {
  const entries: FileSystemEntry[] = [];
  const files: ChosenFile[] = [];
  for (const item of items) {
    const entry = item.webkitGetAsEntry();
    // What was dragged out of another program is in no file system.
    const file = entry === null ? item.getAsFile() : null;
    if (entry !== null) entries.push(entry);
    else if (file !== null) files.push({ path: file.name, file });
  }
  return [...files, ...(await walk(entries, 0))];
}

/** What a file field holds; a folder's files know their path. */
export function readChosen(files: FileList): readonly ChosenFile[] {
  return [...files].map((file) => ({
    path: file.webkitRelativePath === "" ? file.name : file.webkitRelativePath,
    file,
  }));
}

/** In a stable order; desktops' bookkeeping left out. */
export function toUnits(chosen: readonly ChosenFile[]): readonly ImportUnit[] {
  const wanted = chosen.filter(({ path }) => !BOOKKEEPING.test(path));
  const isLines = ({ path }: ChosenFile) => /\.ndjson$/i.test(path);
  const single = wanted.filter((one) => !isLines(one)).map((one) => ({ name: one.path, files: [one] }));
  const byFolder = Map.groupBy(wanted.filter(isLines), ({ path }) => path.slice(0, path.lastIndexOf("/") + 1));
  const together = [...byFolder].map(([folder, files]) => ({
    name: folder === "" ? (files[0]?.path ?? "") : folder,
    files,
  }));
  return [...single, ...together];
}

async function walk(entries: readonly FileSystemEntry[], depth: number): Promise<readonly ChosenFile[]> {
  const found: ChosenFile[] = [];
  if (depth > MAX_DEPTH) return found;
  for (const entry of entries) {
    if (isFile(entry)) found.push({ path: entry.fullPath.replace(/^\//, ""), file: await fileOf(entry) });
    else if (isFolder(entry)) found.push(...(await walk(await entriesOf(entry), depth + 1)));
  }
  return found;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A folder is handed out in pieces, the last of which is empty. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const piece = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (piece.length === 0) return all;
    all.push(...piece);
  }
}
