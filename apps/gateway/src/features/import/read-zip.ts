import { type Bytes, err, type Failure, failure, ok, type Result, toBytes } from "@caseroom/contract";
import { unzipSync } from "fflate";

export type ZipFile = { readonly name: string; readonly read: () => Result<Bytes, Failure<"SOURCE_UNREADABLE">> };

const MAX_FILES = 20_000;
const MAX_TOTAL_BYTES = 4 * 1_073_741_824;
const MAX_FILE_BYTES = 1_073_741_824;
/** DEFLATE cannot do more than 1032 to 1, and no record or image does half of that. */
const MAX_RATIO = 500;
const RATIO_FREE_BYTES = 10_485_760;

/**
 * The files of a zip, each unpacked when it is read: a bomb is refused by what the directory says, and no file grows beyond what it
 * said (fflate writes into a buffer of the announced size). Entries of folders and of desktops' bookkeeping are left out.
 */
export function readZip(bytes: Bytes): Result<readonly ZipFile[], Failure<"SOURCE_UNREADABLE" | "TOO_LARGE">> {
  const listed: { readonly name: string; readonly size: number; readonly packed: number }[] = [];
  try {
    unzipSync(bytes, {
      filter: ({ name, originalSize, size }) => {
        listed.push({ name, size: originalSize, packed: size });
        return false;
      },
    });
  } catch {
    return err(failure("SOURCE_UNREADABLE", "the zip is damaged"));
  }
  if (listed.length > MAX_FILES) return err(failure("TOO_LARGE", `more than ${MAX_FILES} files in a zip`));
  const total = listed.reduce((sum, { size }) => sum + size, 0);
  const isBomb = listed.some(
    ({ size, packed }) => size > MAX_FILE_BYTES || (size > RATIO_FREE_BYTES && size > packed * MAX_RATIO),
  );
  if (total > MAX_TOTAL_BYTES || isBomb) return err(failure("TOO_LARGE", "the zip unpacks to more than it may"));
  return ok(
    listed.filter(({ name }) => !isBookkeeping(name)).map(({ name }) => ({ name, read: () => unpack(bytes, name) })),
  );
}

function unpack(bytes: Bytes, wanted: string): Result<Bytes, Failure<"SOURCE_UNREADABLE">> {
  try {
    const found = unzipSync(bytes, { filter: ({ name }) => name === wanted })[wanted];
    return found === undefined ? err(failure("SOURCE_UNREADABLE", "a file of the zip is missing")) : ok(toBytes(found));
  } catch {
    return err(failure("SOURCE_UNREADABLE", "a file of the zip is damaged"));
  }
}

function isBookkeeping(name: string): boolean {
  return name.endsWith("/") || /(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$)/.test(name);
}
