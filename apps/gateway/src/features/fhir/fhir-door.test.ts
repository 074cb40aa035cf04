import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crossOver, type DoorForTesting, openDoorForTesting } from "./door-for-testing.ts";
import { createR4Validator } from "./validation/r4-validator.ts";

const validator = createR4Validator();
let alpha: DoorForTesting;
let beta: DoorForTesting;

beforeAll(async () => {
  [alpha, beta] = await Promise.all([openDoorForTesting("alpha", validator), openDoorForTesting("beta", validator)]);
}, 120_000);
afterAll(async () => {
  await Promise.all([alpha?.stop(), beta?.stop(), validator.stop()]);
});

const LOINC = "http://loinc.org";
let number = 0;

function patient(value: string, more: object = {}) {
  const name = [{ family: "Lee" }];
  return { resourceType: "Patient", identifier: [{ system: "ALPHA", value }], name, birthDate: "1970-01-01", ...more };
}

function observation(subject: string, more: object = {}) {
  return {
    resourceType: "Observation",
    status: "final",
    category: [
      { coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] },
    ],
    code: { coding: [{ system: LOINC, code: "4548-4" }] },
    subject: { reference: subject },
    effectiveDateTime: "2026-11-20T08:00:00+08:00",
    valueQuantity: { value: 7.1, unit: "%", system: "http://unitsofmeasure.org", code: "%" },
    ...more,
  };
}

const post = (resource: { resourceType: string }, fullUrl?: string, more: object = {}) => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: { method: "POST", url: resource.resourceType, ...more },
});
const transaction = (...entry: readonly object[]) => ({ resourceType: "Bundle", type: "transaction", entry });

/** A patient with one result, new in every test; answers the ids. */
async function newPatient(door = alpha) {
  const value = `P-${++number}`;
  const answer = await door.ask("POST", "/fhir", {
    body: transaction(post(patient(value), "urn:uuid:p"), post(observation("urn:uuid:p"), "urn:uuid:o")),
  });
  expect(answer.status).toBe(200);
  const [patientId, observationId] = answer.json.entry.map((one) => one.response.location.split("/").at(-3));
  return { value, patientId: String(patientId), observationId: String(observationId) };
}

describe("a result written at one institution's door", () => {
  it("is there at once, is preserved byte for byte, and has the same id and version at another's", async () => {
    const { patientId } = await newPatient();
    const text = `{"resourceType":"Observation", "status":"final",
      "extension":[{"url":"http://alpha/unknown","valueDecimal":6.50}],
      "code":{"text":"x"},"subject":{"reference":"Patient/${patientId}"}, "valueQuantity":{"value":6.50,"unit":"%"}}`;
    const created = await alpha.ask("POST", "/fhir/Observation", { body: text });
    expect(created.status).toBe(201);
    const { id, meta } = created.json;
    expect(created.headers).toMatchObject({
      etag: 'W/"1"',
      location: `http://alpha.test/fhir/Observation/${id}/_history/1`,
    });
    const served = text.replace(
      '"Observation",',
      `"Observation","id":"${id}","meta":{"versionId":"1","lastUpdated":"${meta.lastUpdated}"},`,
    );
    expect((await alpha.ask("GET", `/fhir/Observation/${id}`)).text).toBe(served);
    expect((await alpha.ask("GET", `/fhir/Observation?patient=${patientId}`)).text).toContain(served);
    expect((await beta.ask("GET", `/fhir/Observation/${id}`)).status).toBe(404);
    await crossOver(alpha, [beta]);
    for (const door of [alpha, beta]) expect((await door.ask("GET", `/fhir/Observation/${id}`)).text).toBe(served);
  });

  it("is updated, deleted and made again, each a version that both institutions tell alike", async () => {
    const { patientId, observationId } = await newPatient();
    const url = `/fhir/Observation/${observationId}`;
    await crossOver(alpha, [beta]);
    const corrected = observation(`Patient/${patientId}`, { id: observationId, status: "corrected" });
    const stale = await alpha.ask("PUT", url, { body: corrected, headers: { "if-match": 'W/"7"' } });
    expect(stale.status).toBe(412);
    const updated = await alpha.ask("PUT", url, { body: corrected, headers: { "if-match": 'W/"1"' } });
    expect([updated.status, updated.json.meta.versionId]).toEqual([200, "2"]);
    expect((await alpha.ask("DELETE", url)).status).toBe(204);
    expect((await alpha.ask("GET", url)).status).toBe(410);
    expect((await beta.ask("GET", url)).json).toMatchObject({ status: "final", meta: { versionId: "1" } });
    await crossOver(alpha, [beta]);
    for (const door of [alpha, beta]) {
      expect((await door.ask("GET", url)).status).toBe(410);
      expect((await door.ask("GET", `/fhir/Observation?patient=${patientId}`)).json.total).toBe(0);
      expect((await door.ask("GET", `${url}/_history/2`)).json.status).toBe("corrected");
      const history = await door.ask("GET", `${url}/_history`);
      expect(history.json.entry.map((one) => one.request.method)).toEqual(["DELETE", "PUT", "POST"]);
    }
    expect((await alpha.ask("PUT", url, { body: corrected })).status).toBe(201);
    await crossOver(alpha, [beta]);
    expect((await beta.ask("GET", url)).json.meta.versionId).toBe("4");
  });

  it("cannot be changed at another institution's door", async () => {
    const { observationId } = await newPatient();
    await crossOver(alpha, [beta]);
    expect((await beta.ask("DELETE", `/fhir/Observation/${observationId}`)).status).toBe(403);
    const taken = { ...patient("B-own"), id: observationId };
    expect((await beta.ask("PUT", `/fhir/Patient/${observationId}`, { body: taken })).status).toBe(201);
  });
});

describe("a transaction", () => {
  it("resolves what its entries call each other and sends everybody about nobody along", async () => {
    const value = `P-${++number}`;
    const body = transaction(
      post(observation("urn:uuid:p", { performer: [{ reference: "urn:uuid:d" }] }), "urn:uuid:o"),
      post({ resourceType: "Practitioner" }, "urn:uuid:d"),
      post(patient(value), "urn:uuid:p"),
    );
    expect((await alpha.ask("POST", "/fhir", { body })).status).toBe(200);
    await crossOver(alpha, [beta]);
    const search = `/fhir/Observation?patient.identifier=ALPHA|${value}&_include=Observation:performer&_include=Observation:subject`;
    for (const door of [alpha, beta]) {
      const found = await door.ask("GET", search);
      expect(found.json.entry.map((one) => [one.search.mode, one.resource.resourceType])).toEqual([
        ["match", "Observation"],
        ["include", "Practitioner"],
        ["include", "Patient"],
      ]);
      const patientId = found.json.entry[2]?.resource.id;
      const everything = await door.ask("GET", `/fhir/Patient/${patientId}/$everything`);
      expect(everything.json.entry.map((one) => one.resource.resourceType)).toEqual([
        "Patient",
        "Observation",
        "Practitioner",
      ]);
      const reverse = await door.ask("GET", `/fhir/Patient?_id=${patientId}&_revinclude=Observation:subject`);
      expect(reverse.json.entry).toHaveLength(2);
    }
  });

  it("with one bad entry is refused by the element's name, and nothing of it is kept", async () => {
    const value = `P-${++number}`;
    const bad = observation("urn:uuid:p", { status: "done" });
    const answer = await alpha.ask("POST", "/fhir", {
      body: transaction(post(patient(value), "urn:uuid:p"), post(bad)),
    });
    expect([answer.status, answer.json.issue[0]?.expression]).toEqual([422, ["Bundle.entry[1].resource.status"]]);
    expect((await alpha.ask("GET", `/fhir/Patient?identifier=ALPHA|${value}`)).json.total).toBe(0);
    const dangling = transaction(post(patient(value), "urn:uuid:p"), post(observation("urn:uuid:q")));
    expect((await alpha.ask("POST", "/fhir", { body: dangling })).status).toBe(422);
    expect(await alpha.sql`SELECT FROM patient_identifier WHERE value = ${value}`).toHaveLength(0);
    expect(await crossOver(alpha, [])).toEqual([]);
  });

  it("with two patients files each in a chart of its own, and shows neither the other's text", async () => {
    const [one, other] = [`P-${++number}`, `P-${++number}`];
    const body = transaction(
      post(patient(one), "urn:uuid:1"),
      post(patient(other), "urn:uuid:2"),
      post(observation("urn:uuid:1")),
      post(observation("urn:uuid:2")),
    );
    expect((await alpha.ask("POST", "/fhir", { body })).status).toBe(200);
    const waiting = await alpha.sql<
      { bytes: Uint8Array }[]
    >`SELECT bytes FROM inbound WHERE state = 'accepted' ORDER BY id`;
    expect(waiting.map(({ bytes }) => [one, other].filter((value) => Buffer.from(bytes).includes(value)))).toEqual([
      [one],
      [other],
    ]);
    await crossOver(alpha, [beta]);
    expect((await beta.ask("GET", `/fhir/Observation?patient.identifier=${one}`)).json.total).toBe(1);
  });

  it("waits for another that names the same two patients the other way round", async () => {
    const second = await openDoorForTesting("alpha", validator, { sql: alpha.sql });
    for (let round = 0; round < 10; round++) {
      const pair = [post(patient(`TWO-${round}-A`)), post(patient(`TWO-${round}-B`))];
      const answers = await Promise.all([
        alpha.ask("POST", "/fhir", { body: transaction(...pair) }),
        second.ask("POST", "/fhir", { body: transaction(...pair.toReversed()) }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    }
    await second.stop();
  });

  it("whose patient has another birth date is refused and set aside for a person", async () => {
    const { value } = await newPatient();
    await crossOver(alpha, []);
    const body = transaction(post(patient(value, { birthDate: "1971-01-01" }), "urn:uuid:p"));
    const answer = await alpha.ask("POST", "/fhir", { body });
    expect([answer.status, answer.text.includes("1971")]).toEqual([409, false]);
    const aside = await alpha.sql`SELECT FROM quarantine WHERE source = 'fhir' AND code = 'PATIENT_MISMATCH'`;
    expect(aside.length).toBe(1);
  });

  it("creates on a condition only what is not there yet", async () => {
    const value = `P-${++number}`;
    const condition = { ifNoneExist: `identifier=ALPHA|${value}` };
    const send = () =>
      alpha.ask("POST", "/fhir", {
        body: transaction(post(patient(value), "urn:uuid:p", condition), post(observation("urn:uuid:p"))),
      });
    const statuses = [await send(), await send()].map(({ json }) => json.entry.map((one) => one.response.status));
    expect(statuses).toEqual([
      ["201 Created", "201 Created"],
      ["200 OK", "201 Created"],
    ]);
    expect((await alpha.ask("GET", `/fhir/Observation?patient.identifier=${value}`)).json.total).toBe(2);
  });

  it("as a batch does each entry for itself", async () => {
    const { patientId } = await newPatient();
    const body = {
      ...transaction(post(observation(`Patient/${patientId}`)), post(observation("Patient/nobody")), {
        request: { method: "GET", url: `Observation?patient=${patientId}&_count=1` },
      }),
      type: "batch",
    };
    const answer = await alpha.ask("POST", "/fhir", { body });
    expect(answer.json.entry.map((one) => one.response.status)).toEqual(["201 Created", "422", "200 OK"]);
    expect(answer.json.entry[1]?.response.outcome.issue[0]?.expression).toEqual([
      "Bundle.entry[1].resource.subject.reference",
    ]);
    expect(answer.json.entry[2]?.resource).toMatchObject({ type: "searchset", total: 2 });
  });
});

describe("two institutions that call different things alike", () => {
  it("are both served, and every reference leads to the one it meant", async () => {
    const id = `same-${++number}`;
    for (const door of [alpha, beta]) {
      const given = { ...patient(`${door.name}-${id}`, { gender: door === alpha ? "female" : "male" }), id };
      expect((await door.ask("PUT", `/fhir/Patient/${id}`, { body: given })).status).toBe(201);
      expect((await door.ask("POST", "/fhir/Observation", { body: observation(`Patient/${id}`) })).status).toBe(201);
    }
    await crossOver(alpha, [beta]);
    const foreign = await beta.ask("GET", `/fhir/Patient?identifier=alpha-${id}`);
    const served = foreign.json.entry[0]?.resource;
    expect([served?.gender, served?.id === id]).toEqual(["female", false]);
    expect((await beta.ask("GET", `/fhir/Patient/${id}`)).json.gender).toBe("male");
    const results = await beta.ask("GET", `/fhir/Observation?patient=${served?.id}&_include=Observation:subject`);
    expect(results.json.total).toBe(1);
    expect(results.json.entry[0]?.resource.subject.reference).toBe(`Patient/${served?.id}`);
    expect(results.json.entry[1]?.resource.gender).toBe("female");
  });
});

describe("a search", () => {
  it("finds by what each parameter means", async () => {
    const { patientId, value } = await newPatient();
    const more = observation(`Patient/${patientId}`, {
      identifier: [{ system: "LAB", value: `N-${value}` }],
      status: "preliminary",
      category: [{ coding: [{ code: "vital-signs" }] }],
      code: { coding: [{ system: LOINC, code: "8867-4" }] },
      effectiveDateTime: "2020-02",
    });
    expect((await alpha.ask("POST", "/fhir/Observation", { body: more })).status).toBe(201);
    const total = async (search: string) =>
      (await alpha.ask("GET", `/fhir/Observation?patient=Patient/${patientId}&${search}`)).json.total;
    const expected: Record<string, number> = {
      "code=4548-4": 1,
      [`code=${LOINC}|8867-4`]: 1,
      [`code=${LOINC}|`]: 2,
      "code=|4548-4": 0,
      "code=4548-4,8867-4": 2,
      "category=vital-signs": 1,
      "category=|vital-signs": 1,
      "status=preliminary": 1,
      [`identifier=LAB|N-${value}`]: 1,
      "date=2020": 1,
      "date=2020-02": 1,
      "date=2020-02-01": 0,
      "date=ge2020-02&date=lt2026": 1,
      "date=gt2020-02": 1,
      "_lastUpdated=ge2026&status=final": 1,
      "subject:Patient.identifier=nobody": 0,
    };
    for (const [search, count] of Object.entries(expected))
      expect([search, await total(search)]).toEqual([search, count]);
    expect((await alpha.ask("GET", `/fhir/Observation?patient=other-${patientId}`)).json.total).toBe(0);
    const posted = await alpha.ask("POST", "/fhir/Observation/_search", {
      body: `patient=${patientId}&code=8867-4`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(posted.json.total).toBe(1);
  });

  it("is walked page by page, each resource once, in the order asked for", async () => {
    const { patientId } = await newPatient();
    for (let day = 10; day < 15; day++)
      await alpha.ask("POST", "/fhir/Observation", {
        body: observation(`Patient/${patientId}`, { effectiveDateTime: `2021-01-${day}` }),
      });
    for (const sort of ["date", "-date", "_lastUpdated", "-_lastUpdated", "_id"]) {
      const dates: string[] = [];
      let url: string | undefined = `/fhir/Observation?patient=${patientId}&_count=2&_sort=${sort}`;
      while (url !== undefined) {
        const page = await alpha.ask("GET", url);
        expect(page.json.total).toBe(6);
        dates.push(...page.json.entry.map((one) => one.resource.effectiveDateTime));
        const next = page.json.link.find((one) => one.relation === "next");
        url = next === undefined ? undefined : String(next.url).slice(alpha.baseUrl.length);
      }
      expect(new Set(dates).size).toBe(6);
      if (sort.endsWith("date")) expect(sort === "date" ? dates : dates.toReversed()).toEqual(dates.toSorted());
    }
  });

  it("that is not understood is refused, and so is everything without a token or beyond a limit", async () => {
    for (const search of [
      "colour=red",
      "_sort=colour",
      "_include=Observation:colour",
      "date=soon",
      "code=",
      "_cursor=x",
    ])
      expect((await alpha.ask("GET", `/fhir/Observation?${search}`)).status).toBe(400);
    expect((await alpha.ask("GET", "/fhir/Observation", { token: "other" })).status).toBe(401);
    expect((await alpha.ask("POST", "/fhir", { body: "{" })).json.issue[0]?.code).toBe("invalid");
    expect((await alpha.ask("POST", "/fhir", { body: "[".repeat(70) })).status).toBe(413);
    expect((await alpha.ask("POST", "/fhir", { body: "x".repeat(6_000_000) })).status).toBe(413);
    const large = observation("Patient/1", { note: [{ text: "x".repeat(60_000) }] });
    expect((await alpha.ask("POST", "/fhir/Observation", { body: large })).status).toBe(413);
    expect((await alpha.ask("PATCH", "/fhir/Observation/1", { body: "{}" })).status).toBe(404);
    for (const nothing of ["/fhir/Observation/none", "/fhir/nothing", "/fhir/Observation/1/2/3/4"])
      expect((await alpha.ask("GET", nothing)).json.resourceType).toBe("OperationOutcome");
  });
});
