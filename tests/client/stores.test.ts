import "fake-indexeddb/auto";
import { createMemoryStore } from "@caseroom/client";
import { openPostgresStore, POSTGRES_STORE_SQL } from "@caseroom/client/postgres";
import { expectOk } from "@caseroom/contract";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { afterAll, beforeAll } from "vitest";
import { openIndexedDbStore } from "../../packages/client/src/store/indexeddb-store.ts";
import { openSqliteStore } from "../../packages/client/src/store/sqlite-store.ts";
import { describeStore } from "./store-contract-for-testing.ts";

let database: Awaited<ReturnType<typeof startPostgresForTesting>> | undefined;
let opened = 0;

beforeAll(async () => {
  database = await startPostgresForTesting();
  await database.sql.unsafe(POSTGRES_STORE_SQL);
}, 60_000);
afterAll(async () => {
  await database?.stop();
});

describeStore("memory", async () => createMemoryStore());
describeStore("IndexedDB", () => openIndexedDbStore(`store-${opened++}`));
describeStore("SQLite", async () => expectOk(openSqliteStore(":memory:"), "opening"));
describeStore("PostgreSQL", async () => {
  if (database === undefined) throw new Error("the database has started");
  await database.sql`TRUNCATE client_store`;
  return openPostgresStore(database.sql);
});
