import "fake-indexeddb/auto";
import { createMemoryStore } from "@caseroom/client";
import { openIndexedDbStore } from "@caseroom/client/browser";
import { openPostgresStore, POSTGRES_STORE_SQL } from "@caseroom/client/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { afterAll, beforeAll } from "vitest";
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
describeStore("PostgreSQL", async () => {
  if (database === undefined) throw new Error("the database has started");
  await database.sql`TRUNCATE client_store`;
  return openPostgresStore(database.sql);
});
