import type { Sql } from "./connect.ts";

type Column = { tbl: string; name: string; type: string; required: boolean; fallback: string | null };
type Item = { tbl: string; def: string };

/**
 * The schema `public` as stable text: tables, columns with type, nullability and default, constraints, indexes; sorted, without the
 * table of migrations. Compared with a committed file, it shows in a review what a migration really did.
 */
export async function dumpSchema(sql: Sql): Promise<string> {
  const columns = await sql<Column[]>`
    SELECT c.relname AS tbl, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
           a.attnotnull AS required, pg_get_expr(d.adbin, d.adrelid) AS fallback
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
    JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = 'public'
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname COLLATE "C", a.attnum`;
  const constraints = await sql<Item[]>`
    SELECT c.relname AS tbl, x.conname || ' ' || pg_get_constraintdef(x.oid) AS def
    FROM pg_constraint x
    JOIN pg_class c ON c.oid = x.conrelid
    JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = 'public'
    WHERE x.contype <> 'n'
    ORDER BY c.relname COLLATE "C", x.conname COLLATE "C"`;
  const indexes = await sql<Item[]>`
    SELECT tablename AS tbl, indexdef AS def FROM pg_indexes
    WHERE schemaname = 'public'
    ORDER BY tablename COLLATE "C", indexname COLLATE "C"`;
  const tables = [...new Set(columns.map(({ tbl }) => tbl))].filter((tbl) => tbl !== "schema_migrations");
  return tables.map((tbl) => dumpTable(tbl, columns, constraints, indexes)).join("\n");
}

function dumpTable(
  tbl: string,
  columns: readonly Column[],
  constraints: readonly Item[],
  indexes: readonly Item[],
): string {
  const ofTable = <T extends { tbl: string }>(items: readonly T[]) => items.filter((item) => item.tbl === tbl);
  const lines = [
    ...ofTable(columns).map(
      ({ name, type, required, fallback }) =>
        `  ${name} ${type}${required ? " NOT NULL" : ""}${fallback === null ? "" : ` DEFAULT ${fallback}`}`,
    ),
    ...ofTable(constraints).map(({ def }) => `  CONSTRAINT ${def}`),
  ];
  const ends = ofTable(indexes).map(({ def }) => `${def.replaceAll(" public.", " ")};\n`);
  return `CREATE TABLE ${tbl} (\n${lines.join(",\n")}\n);\n${ends.join("")}`;
}
