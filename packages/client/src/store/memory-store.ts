import type { Bytes } from "@caseroom/contract";
import type { Store, StoreTable } from "./store.ts";

/** Keeps everything for the life of the process: for tests and for programs that need no memory. */
export function createMemoryStore(): Store {
  const tables = new Map<StoreTable, Map<string, Bytes>>();
  const rows = (table: StoreTable) => {
    const found = tables.get(table) ?? new Map<string, Bytes>();
    tables.set(table, found);
    return found;
  };
  return {
    get: async (table, key) => rows(table).get(key),
    range: async (table, { prefix, from = "", limit = Number.POSITIVE_INFINITY }) =>
      [...rows(table)]
        .filter(([key]) => key.startsWith(prefix) && key >= from)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([key, value]) => ({ key, value })),
    write: async (writes) => {
      for (const { table, key, value } of writes) {
        if (value === undefined) rows(table).delete(key);
        else rows(table).set(key, value);
      }
    },
    close: async () => undefined,
  };
}
