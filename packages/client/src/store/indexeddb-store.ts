import { type Bytes, toBytes } from "@caseroom/contract";
import { openDB } from "idb";
import { STORE_TABLES, type Store } from "./store.ts";

const VERSION = 1;
const AFTER_ANY_KEY = "\uffff";

/**
 * The store of a browser. Values are written as they are given: all cryptography is done before, because a transaction of IndexedDB ends as
 * soon as something else is awaited in it.
 */
export async function openIndexedDbStore(name: string): Promise<Store> {
  const database = await openDB(name, VERSION, {
    upgrade: (db) => {
      for (const table of STORE_TABLES) db.createObjectStore(table);
    },
  });
  return {
    get: async (table, key) => readBytes(await database.get(table, key)),
    range: async (table, { prefix, from = "", limit }) => {
      const bounds = IDBKeyRange.bound(from > prefix ? from : prefix, prefix + AFTER_ANY_KEY);
      const transaction = database.transaction(table, "readonly");
      const [keys, values] = await Promise.all([
        transaction.store.getAllKeys(bounds, limit),
        transaction.store.getAll(bounds, limit),
      ]);
      return keys.flatMap((key, i) => {
        const value = readBytes(values[i]);
        return typeof key === "string" && value !== undefined ? [{ key, value }] : [];
      });
    },
    write: async (writes) => {
      if (writes.length === 0) return;
      const transaction = database.transaction([...new Set(writes.map((write) => write.table))], "readwrite", {
        durability: "strict",
      });
      await Promise.all([
        ...writes.map(({ table, key, value }) =>
          value === undefined
            ? transaction.objectStore(table).delete(key)
            : transaction.objectStore(table).put(value, key),
        ),
        transaction.done,
      ]);
    },
    close: async () => database.close(),
  };
}

function readBytes(value: unknown): Bytes | undefined {
  return value instanceof Uint8Array ? toBytes(value) : undefined;
}
