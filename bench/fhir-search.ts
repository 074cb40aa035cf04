import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvariantError } from "@caseroom/contract";
import { connect, runMigrations, type Sql, startPostgres } from "@caseroom/postgres";
import { answerEverything, answerSearch } from "../apps/gateway/src/features/fhir/reading/search-answer.ts";
import { findHistory, findVersion } from "../apps/gateway/src/features/fhir/reading/versions.ts";
import { parseSearch } from "../apps/gateway/src/features/fhir/search-query.ts";
import { countSeeded, type SeededPatient, seedResources } from "./fhir-record.ts";
import type { Bench, BenchOptions, Row } from "./figures.ts";
import { median, percentile } from "./latencies.ts";

const RESOURCES = 100_000;
const LIMIT_MS = 50;
const BASE_URL = "http://127.0.0.1/fhir";

export const fhirSearch: Bench = {
  name: "fhir-search",
  summary: "every search of the FHIR door over 100,000 resources beside the limit of 50 ms",
  run: async (options) => {
    const folder = mkdtempSync(join(tmpdir(), "caseroom-bench-"));
    await chmod(folder, 0o755);
    const server = await startPostgres({ dataDir: join(folder, "postgres"), port: 0 });
    const sql = connect(server.url, { max: 4 });
    try {
      await runMigrations(sql, new URL("../apps/gateway/migrations/", import.meta.url));
      const patients = await seedResources(sql, RESOURCES);
      await sql`ANALYZE`;
      options.say(`${await countSeeded(sql)} resources of ${patients.length} patients`);
      return await measureAll(sql, patients, options);
    } finally {
      await sql.end({ timeout: 5 });
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** One search of a kind; each call may be about somebody else. */
const SEARCHES: Readonly<Record<string, (patient: SeededPatient) => string>> = {
  "by identifier": ({ identifier }) => `Patient?identifier=${identifier}`,
  "by _id": ({ observationId }) => `Observation?_id=${observationId}`,
  "by patient": ({ id }) => `Observation?patient=${id}`,
  "by patient and code": ({ id }) => `Observation?patient=${id}&code=http://loinc.org|4548-4`,
  "by patient.identifier": ({ identifier }) => `Observation?patient.identifier=${identifier}`,
  "by patient.identifier, code, date": ({ identifier }) =>
    `Observation?patient.identifier=${identifier}&code=http://loinc.org|4548-4&date=ge2020`,
  "by patient, category, status": ({ id }) => `Observation?patient=${id}&category=laboratory&status=final`,
  "by a frequent code": () => "Observation?code=http://loinc.org|8480-6",
  "by a rare code": () => "Observation?code=http://loinc.org|33914-3",
  "by a frequent code, one day": () => "Observation?code=http://loinc.org|8480-6&date=2021-03-04",
  "by a category of most": () => "Observation?category=laboratory",
  "by a category of most, oldest first": () => "Observation?category=laboratory&_sort=date",
  "by a status of most, by _lastUpdated": () => "Observation?status=final&_sort=-_lastUpdated",
  "by a status of none": () => "Observation?status=registered",
  "by a code nobody has": () => "Observation?code=http://loinc.org|0-0",
  "by one year": () => "Observation?date=2021",
  "by one day": () => "Observation?date=2021-03-04",
  "by a year to come": () => "Observation?date=ge2040",
  "by the distant past": () => "Observation?date=lt1950",
  "by _lastUpdated": () => "Observation?_lastUpdated=ge2026-11-01&_sort=_lastUpdated",
  "by _lastUpdated of none": () => "Observation?_lastUpdated=gt2030",
  "by type alone": () => "Observation?_count=100",
  "by type alone, sorted by _id": () => "Observation?_sort=_id",
  "counted only": () => "Observation?category=vital-signs&_summary=count",
  "by encounter": ({ encounterId }) => `Observation?encounter=${encounterId}`,
  "with _include": ({ id }) => `Observation?patient=${id}&_include=Observation:subject&_include=Observation:encounter`,
  "with _revinclude": ({ id }) => `Patient?_id=${id}&_revinclude=Condition:subject&_revinclude=Encounter:subject`,
};

async function measureAll(
  sql: Sql,
  patients: readonly SeededPatient[],
  { isShort, say }: BenchOptions,
): Promise<readonly Row[]> {
  const times = isShort ? 10 : 100;
  const somebody = () => patients[randomInt(patients.length)] ?? fail("nobody was seeded");
  const measurements: Record<string, () => Promise<unknown>> = {
    read: () => findVersion(sql, { type: "Observation", id: somebody().observationId }),
    history: () => findHistory(sql, { type: "Observation", id: somebody().observationId }, BASE_URL),
    "Patient/$everything": () => everything(sql, somebody().id),
  };
  for (const [name, search] of Object.entries(SEARCHES)) measurements[name] = () => searched(sql, search(somebody()));
  measurements["a page far behind"] = await pageFarBehind(sql);
  const rows: Row[] = [];
  for (const [name, run] of Object.entries(measurements)) {
    const samples: number[] = [];
    for (let i = 0; i < times + 3; i++) {
      const begun = performance.now();
      await run();
      // The first ones find cold caches, of which there is one in the life of a server.
      if (i >= 3) samples.push(performance.now() - begun);
    }
    rows.push(rowOf(`${name}, median`, median(samples)), rowOf(`${name}, 95 %`, percentile(samples, 0.95)));
  }
  const slow = rows.filter((row) => row.value >= LIMIT_MS);
  say(
    slow.length === 0
      ? `all below ${LIMIT_MS} ms`
      : `above ${LIMIT_MS} ms: ${slow.map((row) => row.figure).join("; ")}`,
  );
  return rows;
}

function rowOf(figure: string, value: number): Row {
  return { figure, value, unit: "ms", better: "lower", beside: { name: "limit", value: LIMIT_MS, target: 1 } };
}

async function searched(sql: Sql, url: string): Promise<string> {
  const [type = "", search = ""] = url.split("?", 2);
  const query = parseSearch(type, [...new URLSearchParams(search)], BASE_URL);
  if (!query.ok) return fail(query.error.diagnostics);
  return answerSearch({ sql, baseUrl: BASE_URL, mayRead: () => true }, query.value);
}

async function everything(sql: Sql, id: string): Promise<string | undefined> {
  const input = { id, count: undefined, cursor: undefined, types: undefined, sinceMs: undefined, parameters: [] };
  return answerEverything({ sql, baseUrl: BASE_URL, mayRead: () => true }, input);
}

/** The twentieth page of a search that finds most of all. */
async function pageFarBehind(sql: Sql): Promise<() => Promise<string>> {
  let url = "Observation?category=laboratory&_count=50";
  for (let page = 0; page < 20; page++) {
    const next = /"relation":"next","url":"[^"]*\/(Observation\?[^"]*)"/.exec(await searched(sql, url))?.[1];
    url = next ?? fail("there is no next page");
  }
  return () => searched(sql, url);
}

function fail(words: string): never {
  throw new InvariantError(words);
}
