import { readFile } from "node:fs/promises";
import { dumpSchema, runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { matchPatient, type PatientClaim } from "../../apps/gateway/src/features/patients/patient-index.ts";

let database: Awaited<ReturnType<typeof startPostgresForTesting>>;

beforeAll(async () => {
  database = await startPostgresForTesting();
  await runMigrations(database.sql, new URL("../../apps/gateway/migrations/", import.meta.url));
}, 60_000);
afterAll(() => database.stop());

const chan: PatientClaim = {
  identifiers: [
    { system: "KDC", value: "KD-1" },
    { system: "HKID", value: "A123456(3)" },
  ],
  name: "Chan Tai Man",
  birthDate: "1957-07-31",
  sex: "male",
};

describe("a gateway's database", () => {
  it("is after all migrations what schema.sql says", async () => {
    const committed = await readFile(new URL("../../apps/gateway/schema.sql", import.meta.url), "utf8");
    expect(await dumpSchema(database.sql)).toBe(committed);
  });
});

describe("a patient", () => {
  it("is joined by a number of its issuer, and by nothing else", async () => {
    const first = await matchPatient(database.sql, chan);
    const again = await matchPatient(database.sql, { ...chan, identifiers: [{ system: "KDC", value: "KD-1" }] });
    expect(again).toEqual(first);
    const sameHkid = await matchPatient(database.sql, {
      ...chan,
      identifiers: [
        { system: "KDC", value: "KD-2" },
        { system: "HKID", value: "A123456(3)" },
      ],
    });
    expect(sameHkid.ok && first.ok && sameHkid.value !== first.value).toBe(true);
    const otherIssuer = await matchPatient(database.sql, { ...chan, identifiers: [{ system: "HGH", value: "KD-1" }] });
    expect(otherIssuer.ok && first.ok && otherIssuer.value !== first.value).toBe(true);
  });

  it("with another birth date or sex than the record has is stopped, and so is one with only an HKID", async () => {
    const identifiers = [{ system: "KDC", value: "KD-1" }];
    for (const change of [{ birthDate: "1957-08-01" }, { sex: "female" }]) {
      expect(await matchPatient(database.sql, { ...chan, identifiers, ...change })).toMatchObject({
        ok: false,
        error: { code: "PATIENT_MISMATCH" },
      });
    }
    const onlyHkid = { ...chan, identifiers: [{ system: "HKID", value: "A123456(3)" }] };
    expect(await matchPatient(database.sql, onlyHkid)).toMatchObject({
      ok: false,
      error: { code: "SOURCE_INCOMPLETE" },
    });
  });
});
