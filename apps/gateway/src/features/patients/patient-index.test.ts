import { expectOk } from "@caseroom/contract";
import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { matchPatient, type PatientClaim } from "./patient-index.ts";

let database: Awaited<ReturnType<typeof startPostgresForTesting>>;
beforeAll(async () => {
  database = await startPostgresForTesting();
  await runMigrations(database.sql, new URL("../../../migrations/", import.meta.url));
});
afterAll(() => database?.stop());

const claim = (...values: readonly string[]): PatientClaim => ({
  identifiers: [...values.map((value) => ({ system: "A", value })), { system: "HKID", value: `A123456(3)` }],
  name: "Lee Ann",
  birthDate: "1980-01-01",
  sex: "female",
});
const match = (person: PatientClaim) => database.sql.begin((tx) => matchPatient(tx, person));

describe("a patient who is known", () => {
  it("has many results taken at once: none waits until another is on disk", async () => {
    const id = expectOk(await match(claim("1")), "new");
    await database.sql.begin(async (first) => {
      expect(expectOk(await matchPatient(first, claim("1")), "known")).toBe(id);
      expect(expectOk(await match(claim("1")), "known, meanwhile")).toBe(id);
    });
  });

  it("is the same one under a further number that two messages tell at once", async () => {
    const ids = await Promise.all([match(claim("1", "2")), match(claim("1", "2"))]);
    expect(ids[0]).toEqual(await match(claim("1")));
    expect(ids[1]).toEqual(ids[0]);
    expect(await match(claim("2"))).toEqual(ids[0]);
  });
});
