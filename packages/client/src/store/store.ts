import type { Bytes } from "@caseroom/contract";

/**
 * Where a device keeps what it must not lose: everything as it was received (sealed), the heads it has accepted, its outbox. Small on
 * purpose, so that memory, IndexedDB and PostgreSQL pass one contract suite.
 */
export const STORE_TABLES = [
  /** Links by log index. */
  "link",
  /** Feed items by compartment and position. */
  "feed",
  /** Wraps by hash. */
  "wrap",
  /** What waits to be accepted, in order. */
  "outbox",
  /** as and ap per device and compartment. */
  "counter",
  /** How far a compartment has been opened. */
  "opened",
  /** Bytes of what was refused. */
  "evidence",
  /** Single values: the accepted checkpoint, the device. */
  "value",
] as const;
export type StoreTable = (typeof STORE_TABLES)[number];

export type Write =
  | { readonly table: StoreTable; readonly key: string; readonly value: Bytes }
  | { readonly table: StoreTable; readonly key: string; readonly value: undefined };

export type Store = {
  readonly get: (table: StoreTable, key: string) => Promise<Bytes | undefined>;
  /** Rows whose key starts with `prefix` and is at least `from`, ascending by key (code units). */
  readonly range: (
    table: StoreTable,
    query: { readonly prefix: string; readonly from?: string; readonly limit?: number },
  ) => Promise<readonly { readonly key: string; readonly value: Bytes }[]>;
  /** All writes or none; durable when it resolves, as far as the medium is. `undefined` deletes. */
  readonly write: (writes: readonly Write[]) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** A number as a key that sorts as the number does. */
export function numberKey(value: number): string {
  return value.toString().padStart(16, "0");
}
