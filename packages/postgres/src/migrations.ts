import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { InvariantError } from "@caseroom/contract";
import type { Sql } from "./connect.ts";

type Migration = { readonly name: string; readonly text: string; readonly hash: string };

const FILE_NAME = /^([0-9]{3})-[a-z0-9-]+\.sql$/;
/** Any number that no other program uses on the same database. */
const LOCK = 0x63_72_31_01;

/**
 * Applies the numbered files of a folder (001-….sql and so on) that have not been applied yet: all of them or none, in one transaction,
 * one program at a time. Forward only. Answers the names applied now. Throws InvariantError when an applied file has changed or is
 * gone, or when a number is missing: then the code and the database do not belong together.
 */
export async function runMigrations(sql: Sql, folder: URL): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  return sql.begin(async (tx) => {
    await tx`SELECT pg_advisory_xact_lock(${LOCK})`;
    await tx`CREATE TABLE IF NOT EXISTS schema_migrations (
      name text PRIMARY KEY,
      hash text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`;
    const rows = await tx<{ name: string; hash: string }[]>`SELECT name, hash FROM schema_migrations ORDER BY name`;
    for (const [i, row] of rows.entries()) {
      const migration = migrations[i];
      if (migration?.name !== row.name) throw new InvariantError(`migration ${row.name} was applied and is not here`);
      if (migration.hash !== row.hash)
        throw new InvariantError(`migration ${row.name} has changed since it was applied`);
    }
    const due = migrations.slice(rows.length);
    for (const { name, text, hash } of due) {
      await tx.unsafe(text);
      await tx`INSERT INTO schema_migrations (name, hash) VALUES (${name}, ${hash})`;
    }
    return due.map(({ name }) => name);
  });
}

async function readMigrations(folder: URL): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name, i) => {
      const number = FILE_NAME.exec(name)?.[1];
      if (number === undefined || Number(number) !== i + 1)
        throw new InvariantError(`migration ${name}: the files are numbered 001, 002, … without a gap`);
      const text = await readFile(new URL(name, ensureSlash(folder)), "utf8");
      return { name, text, hash: createHash("sha256").update(text).digest("hex") };
    }),
  );
}

function ensureSlash(folder: URL): URL {
  return folder.href.endsWith("/") ? folder : new URL(`${folder.href}/`);
}
