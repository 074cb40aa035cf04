import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnsweredJson, crossOver, type DoorForTesting, openDoorForTesting } from "./door-for-testing.ts";
import { createR4Validator } from "./validation/r4-validator.ts";

const FIXTURES = new URL("../../../../../fixtures/", import.meta.url);
const validator = createR4Validator();
let alpha: DoorForTesting;
let beta: DoorForTesting;

beforeAll(async () => {
  [alpha, beta] = await Promise.all([openDoorForTesting("alpha", validator), openDoorForTesting("beta", validator)]);
}, 120_000);
afterAll(async () => {
  await Promise.all([alpha?.stop(), beta?.stop(), validator.stop()]);
});

/** Everything of a patient at a door, page by page. */
async function everythingOf(door: DoorForTesting, patientId: string): Promise<AnsweredJson["entry"]> {
  const entries: AnsweredJson["entry"][number][] = [];
  let url: string | undefined = `/fhir/Patient/${patientId}/$everything?_count=50`;
  while (url !== undefined) {
    const { json }: { json: AnsweredJson } = await door.ask("GET", url);
    entries.push(...json.entry);
    url = json.link.find(({ relation }) => relation === "next")?.url.slice(door.baseUrl.length);
  }
  return entries;
}

/** A resource without what a server says about it, and with every reference alike. */
function content(resource: AnsweredJson): unknown {
  const { id: _id, meta, ...rest } = resource;
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...more } = meta ?? {};
  return JSON.parse(JSON.stringify({ ...rest, meta: more }), (name, value) => (name === "reference" ? "" : value));
}

describe("a patient's whole record from another product", () => {
  it.each(["synthea-luigi-wiegand", "synthea-kermit-trantow"])(
    "%s is taken in one transaction and arrives complete",
    async (name) => {
      const body = gunzipSync(readFileSync(new URL(`fhir-r4/${name}.json.gz`, FIXTURES))).toString("utf8");
      const sent = JSON.parse(body) as AnsweredJson;
      const answer = await alpha.ask("POST", "/fhir", { body });
      expect(answer.status).toBe(200);
      expect(new Set(answer.json.entry.map(({ response }) => response.status))).toEqual(new Set(["201 Created"]));
      await crossOver(alpha, [beta]);
      const at = answer.json.entry.findIndex(({ response }) => response.location.includes("/Patient/"));
      const patientId = answer.json.entry[at]?.response.location.split("/").at(-3) ?? "";
      for (const door of [alpha, beta]) {
        const entries = new Map((await everythingOf(door, patientId)).map((one) => [one.resource.id, one.resource]));
        expect(entries.size).toBe(sent.entry.length);
        for (const [i, { resource }] of sent.entry.entries()) {
          const id = answer.json.entry[i]?.response.location.split("/").at(-3) ?? "";
          const found = entries.get(id);
          expect(found === undefined ? undefined : content(found)).toEqual(
            content({ ...resource, meta: resource.meta ?? {} }),
          );
        }
        // Nothing refers to the bundle any more.
        expect(
          [...entries.values()].some((resource) => JSON.stringify(resource).includes('"reference":"urn:uuid:')),
        ).toBe(false);
      }
    },
  );

  it("of the demo is valid R4 but for one known resource", async () => {
    const folder = new URL("patients/", FIXTURES);
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((one) =>
      one.endsWith(".json"),
    )) {
      const { entry } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as AnsweredJson;
      const issues = await validator.validate(entry.map(({ resource }) => JSON.stringify(resource)));
      // The clinic's "no known drug allergies" says nothing of its clinical status, as many a real one does.
      const others = issues.flat().filter(({ diagnostics }) => !diagnostics.startsWith("Constraint ait-1"));
      expect([file, others]).toEqual([file, []]);
    }
  });
});

describe("a resource that is wrong on purpose", () => {
  it.each([
    ["odd-list-wrong-code", "List.status"],
    ["odd-list-unknown-prop", "List.other"],
    ["odd-list-empty1", "List.entry[0]"],
  ])("%s is refused by the name of the element", async (name, element) => {
    const body = readFileSync(new URL(`fhir-r4/${name}.json`, FIXTURES), "utf8");
    const answer = await alpha.ask("POST", "/fhir/List", { body });
    expect([answer.status, answer.json.issue[0]?.expression[0]]).toEqual([422, element]);
  });
});
