import { type Bytes, toBytes } from "@caseroom/contract";
import type postgres from "postgres";
import type { Store, Write } from "./store.ts";

/** The table that openPostgresStore uses; whoever owns the database runs this among its migrations. */
export const POSTGRES_STORE_SQL = `CREATE TABLE client_store (
  tbl text NOT NULL,
  key text COLLATE "C" NOT NULL,
  value bytea NOT NULL,
  PRIMARY KEY (tbl, key)
)`;

/** The store of a gateway, in its own PostgreSQL. */
export function openPostgresStore(sql: postgres.Sql): Store {
  return {
    get: async (table, key) => {
      const [row] = await sql<
        { value: Uint8Array }[]
      >`SELECT value FROM client_store WHERE tbl = ${table} AND key = ${key}`;
      return row === undefined ? undefined : toBytes(row.value);
    },
    range: async (table, { prefix, from = "", limit }) => {
      const lower = from > prefix ? from : prefix;
      const rows = await sql<{ key: string; value: Uint8Array }[]>`
        SELECT key, value FROM client_store
        WHERE tbl = ${table} AND key >= ${lower} AND starts_with(key, ${prefix})
        ORDER BY key ${limit === undefined ? sql`` : sql`LIMIT ${limit}`}`;
      return rows.map(({ key, value }) => ({ key, value: toBytes(value) }));
    },
    write: async (writes) => {
      if (writes.length > 0) await writeAll(sql, writes);
    },
    close: async () => undefined,
  };
}

/** One statement, so that all is written or nothing without a transaction around it: each would be a way to the database more. */
async function writeAll(sql: postgres.Sql, writes: readonly Write[]): Promise<void> {
  // Of several writes under one key the last holds: a statement can touch a row only once.
  const last = [...new Map(writes.map((write) => [`${write.table}/${write.key}`, write])).values()];
  const puts = last.flatMap((write) => (write.value === undefined ? [] : [write]));
  const deletes = last.filter((write) => write.value === undefined);
  await sql`
    WITH gone AS (
      DELETE FROM client_store
      USING unnest(${deletes.map((one) => one.table)}::text[], ${deletes.map((one) => one.key)}::text[]) AS gone(tbl, key)
      WHERE client_store.tbl = gone.tbl AND client_store.key = gone.key
    )
    INSERT INTO client_store (tbl, key, value)
    SELECT * FROM unnest(${puts.map((one) => one.table)}::text[], ${puts.map((one) => one.key)}::text[],
      ${puts.map((one) => hexOf(one.value))}::text[]::bytea[])
    ON CONFLICT (tbl, key) DO UPDATE SET value = EXCLUDED.value`;
}

/** As PostgreSQL reads bytes: the driver cannot tell an array of bytes from bytes. */
function hexOf(bytes: Bytes): string {
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex")}`;
}
