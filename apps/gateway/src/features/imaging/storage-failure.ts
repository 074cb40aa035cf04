import { type Failure, failure } from "@caseroom/contract";

const OF_FILES = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE"]);
/** SQLSTATE classes 53 (no resources: a full disk, too many connections), 57 (shut down) and 58 (errors of the system), and a lost connection. */
const OF_DATABASE = /^(53|57|58)[0-9A-Z]{3}$|^CONNECTION_|^ECONN/;

/** STORE_FAILED when it is the disk or the database that cannot take any more now; `undefined` when it is a bug. */
export function storageFailure(thrown: unknown): Failure<"STORE_FAILED"> | undefined {
  const code: unknown = thrown instanceof Error ? Reflect.get(thrown, "code") : undefined;
  if (typeof code !== "string" || !(OF_FILES.has(code) || OF_DATABASE.test(code))) return undefined;
  return failure("STORE_FAILED", code);
}
