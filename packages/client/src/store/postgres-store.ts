import { toBytes } from "@caseroom/contract";
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
      const puts = writes.filter((write) => write.value !== undefined);
      const deletes = writes.filter((write) => write.value === undefined);
      if (deletes.length === 0) {
        if (puts.length > 0) await upsert(sql, puts);
        return;
      }
      await sql.begin(async (tx) => {
        await remove(tx, deletes);
        if (puts.length > 0) await upsert(tx, puts);
      });
    },
    close: async () => undefined,
  };
}

function upsert(sql: postgres.ISql, puts: readonly Write[]) {
  const rows = puts.map(({ table, key, value }) => ({ tbl: table, key, value: Buffer.from(value ?? []) }));
  return sql`INSERT INTO client_store ${sql(rows, "tbl", "key", "value")} ON CONFLICT (tbl, key) DO UPDATE SET value = EXCLUDED.value`;
}

function remove(sql: postgres.ISql, deletes: readonly Write[]) {
  return sql`
    DELETE FROM client_store
    USING unnest(${deletes.map((one) => one.table)}::text[], ${deletes.map((one) => one.key)}::text[]) AS gone(tbl, key)
    WHERE client_store.tbl = gone.tbl AND client_store.key = gone.key`;
}
