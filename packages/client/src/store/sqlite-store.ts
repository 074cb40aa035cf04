import { DatabaseSync } from "node:sqlite";
import { type Bytes, err, type Failure, failure, ok, type Result, toBytes } from "@caseroom/contract";
import type { Store } from "./store.ts";

const AFTER_ANY_KEY = "\uffff";

/**
 * The store of a program in one file (SQLite, of Node itself); a write is on the disk when it resolves. LOCKED while another program has it:
 * two would number what they say alike. STORE_FAILED when the file cannot be used.
 */
export function openSqliteStore(path: string): Result<Store, Failure<"LOCKED" | "STORE_FAILED">> {
  try {
    return ok(openStore(new DatabaseSync(path)));
  } catch (error) {
    const isBusy = error instanceof Error && Reflect.get(error, "errcode") === SQLITE_BUSY;
    return err(failure(isBusy ? "LOCKED" : "STORE_FAILED"));
  }
}

/** Result code of SQLite's C interface. */
const SQLITE_BUSY = 5;

function openStore(database: DatabaseSync): Store {
  database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  database.exec(
    "CREATE TABLE IF NOT EXISTS row (tbl TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID",
  );
  const get = database.prepare("SELECT value FROM row WHERE tbl = ? AND key = ?");
  const range = database.prepare(
    "SELECT key, value FROM row WHERE tbl = ? AND key >= ? AND key <= ? ORDER BY key LIMIT ?",
  );
  const put = database.prepare(
    "INSERT INTO row VALUES (?, ?, ?) ON CONFLICT (tbl, key) DO UPDATE SET value = excluded.value",
  );
  const remove = database.prepare("DELETE FROM row WHERE tbl = ? AND key = ?");
  return {
    get: async (table, key) => readValue(get.get(table, key)),
    range: async (table, { prefix, from = "", limit }) =>
      range.all(table, from > prefix ? from : prefix, prefix + AFTER_ANY_KEY, limit ?? -1).flatMap((row) => {
        const value = readValue(row);
        return typeof row.key === "string" && value !== undefined ? [{ key: row.key, value }] : [];
      }),
    write: async (writes) => {
      database.exec("BEGIN IMMEDIATE");
      try {
        for (const { table, key, value } of writes) {
          if (value === undefined) remove.run(table, key);
          else put.run(table, key, value);
        }
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    },
    close: async () => database.close(),
  };
}

function readValue(row: { readonly [column: string]: unknown } | undefined): Bytes | undefined {
  return row?.value instanceof Uint8Array ? toBytes(row.value) : undefined;
}
