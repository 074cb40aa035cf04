import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listWaiting } from "../inbound/inbound-store.ts";
import { importFhir } from "./import-fhir.ts";

let database: Awaited<ReturnType<typeof startPostgresForTesting>>;
beforeAll(async () => {
  database = await startPostgresForTesting();
  await runMigrations(database.sql, new URL("../../../migrations/", import.meta.url));
}, 60_000);
afterAll(() => database?.stop());

const patient = {
  resourceType: "Patient",
  identifier: [{ system: "KDC", value: "KD-1" }],
  name: [{ family: "Lee" }],
  birthDate: "1970-01-01",
};
const BUNDLE = JSON.stringify({ resourceType: "Bundle", type: "collection", entry: [{ resource: patient }] });

describe("an imported bundle", () => {
  it("wakes the delivery only when the delivery can see it, or it would wait there for ever", async () => {
    let seen: Promise<number> | undefined;
    const onAccepted = () => {
      // Another connection, as the delivery's is.
      seen = listWaiting(database.sql, 10).then((rows) => rows.length);
    };
    const imported = await importFhir({ sql: database.sql, nowMs: () => 0, sender: "import", onAccepted }, BUNDLE);
    expect(imported).toMatchObject({ ok: true });
    expect(await seen).toBe(1);
  });
});
