import { generateKeyPairSync, sign } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fragmentsOf, gatewayOf, readDemoWorld, signInPerson, type TestPerson } from "@caseroom/testkit";
import { Client as FhirKitClient } from "fhir-kit-client";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

const world = readDemoWorld(inject("worldFolder"));
const kdc = gatewayOf(world, "kdc");
const chc = gatewayOf(world, "chc");
const run = Date.now();
let ho: TestPerson;
let hook: Server;
const told: string[] = [];

type Json = {
  readonly resourceType?: string;
  readonly id?: string;
  readonly status?: string;
  readonly total?: number;
  readonly meta?: { readonly versionId?: string };
  readonly entry?: readonly { readonly resource: Json; readonly response?: { readonly location: string } }[];
};

beforeAll(async () => {
  ho = await signInPerson(world, "ho");
  hook = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      told.push(body);
      response.end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", () => resolve()));
});
afterAll(async () => {
  await ho?.stop();
  hook?.close();
});

const at = (gateway: typeof kdc, token = gateway.token) =>
  new FhirKitClient({ baseUrl: gateway.fhir, customHeaders: { authorization: `Bearer ${token}` } });

const chan = {
  resourceType: "Patient",
  identifier: [{ system: "KDC", value: "KD-778812" }],
  name: [{ family: "Chan", given: ["Tai Man"] }],
  gender: "male",
  birthDate: "1957-07-31",
};

function result(percent: string, subject: string, more: object = {}) {
  return {
    resourceType: "Observation",
    status: "final",
    identifier: [{ system: "urn:kdc:fhir", value: `F-${run}` }],
    code: { coding: [{ system: "http://loinc.org", code: "4548-4" }], text: "HbA1c" },
    subject: { reference: subject },
    effectiveDateTime: "2026-11-24T11:00:00+08:00",
    valueQuantity: { value: Number(percent), unit: "%", system: "http://unitsofmeasure.org", code: "%" },
    ...more,
  };
}

describe("a result written with a FHIR client at one institution", () => {
  let observationId = "";
  let patientId = "";

  it("is there at once, and comes to another institution's doctor and door under the same id", async () => {
    const answer = (await at(kdc).transaction({
      body: {
        resourceType: "Bundle",
        type: "transaction",
        entry: [
          { fullUrl: "urn:uuid:chan", resource: chan, request: { method: "POST", url: "Patient" } },
          {
            fullUrl: "urn:uuid:result",
            resource: result("6.93", "urn:uuid:chan"),
            request: { method: "POST", url: "Observation" },
          },
        ],
      } as never,
    })) as Json;
    [patientId = "", observationId = ""] = (answer.entry ?? []).map(
      ({ response }) => response?.location.split("/").at(-3) ?? "",
    );
    const own = (await at(kdc).read({ resourceType: "Observation", id: observationId })) as Json;
    expect(own).toMatchObject({ id: observationId, subject: { reference: `Patient/${patientId}` } });
    const received = await ho.awaitEntry((one) => fragmentsOf(one).some((json) => json.includes(observationId)));
    expect(received.entry.provenance?.sourceId).toMatch(/^door:/);
    const there = await awaitResource(chc, observationId, (one) => one !== undefined);
    expect(there).toEqual(own);
  });

  it("is found there with its patient, page by page", async () => {
    const client = at(chc);
    const search = async (more: Record<string, string>) =>
      (await client.search({
        resourceType: "Observation",
        searchParams: { "patient.identifier": "KDC|KD-778812", ...more },
      })) as Json;
    const found = await search({ identifier: `urn:kdc:fhir|F-${run}`, _include: "Observation:subject" });
    expect(found.entry?.map(({ resource }) => resource.id)).toEqual([observationId, patientId]);
    const ids: unknown[] = [];
    for (let page: Json | undefined = await search({ _count: "20" }); page !== undefined; ) {
      ids.push(...(page.entry ?? []).map(({ resource }) => resource.id));
      page = (await client.nextPage({ bundle: page as never })) as Json | undefined;
    }
    expect(ids.length).toBeGreaterThan(20);
    expect(new Set(ids).size).toBe(ids.length);
    const everything = (await client.request(`Patient/${patientId}/$everything`)) as Json;
    expect(everything.entry?.[0]?.resource.resourceType).toBe("Patient");
  });

  it("is told by id alone to whoever subscribed, and corrected and deleted everywhere", async () => {
    const subscription = (await at(chc).create({
      resourceType: "Subscription",
      body: {
        resourceType: "Subscription",
        status: "requested",
        reason: "results of our patients",
        criteria: `Observation?identifier=urn:kdc:fhir|F-${run}`,
        channel: {
          type: "rest-hook",
          endpoint: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
          payload: "application/fhir+json",
        },
      } as never,
    })) as Json;
    expect(subscription.status).toBe("active");
    const corrected = result("7.03", `Patient/${patientId}`, { id: observationId, status: "corrected" });
    const updated = (await at(kdc).update({
      resourceType: "Observation",
      id: observationId,
      body: corrected as never,
    })) as Json;
    expect(updated.meta?.versionId).toBe("2");
    await awaitResource(chc, observationId, (one) => one?.status === "corrected");
    for (let i = 0; i < 500 && told.length === 0; i++) await pause();
    expect(told[0]).toContain(`${chc.fhir}/Observation/${observationId}`);
    expect(told[0]).not.toContain("7.03");
    await at(kdc).delete({ resourceType: "Observation", id: observationId });
    await awaitResource(chc, observationId, (one) => one === undefined);
    const history = (await at(chc).resourceHistory({ resourceType: "Observation", id: observationId })) as Json;
    expect(history.total).toBe(3);
    await at(chc).delete({ resourceType: "Subscription", id: subscription.id ?? "" });
  });

  it("with a birth date that is not the patient's is refused, and so is a code that does not exist", async () => {
    const other = { ...chan, birthDate: "1960-01-01" };
    await expect(at(kdc).create({ resourceType: "Patient", body: other as never })).rejects.toMatchObject({
      response: { status: 409 },
    });
    const wrong = result("6.1", `Patient/${patientId}`, { status: "done" });
    await expect(at(kdc).create({ resourceType: "Observation", body: wrong as never })).rejects.toMatchObject({
      response: { status: 422, data: { issue: [{ expression: ["Observation.status"] }] } },
    });
  });
});

describe("a client program with a key of its own", () => {
  it("finds where to ask, gets a token for its scopes, and is stopped at their border", async () => {
    const keys = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const id = `emr-${run}`;
    const registered = await fetch(`${chc.url}/admin/fhir-clients`, {
      method: "POST",
      headers: { authorization: `Bearer ${chc.token}`, "content-type": "application/json" },
      body: JSON.stringify({
        id,
        name: "EMR",
        scope: "system/Observation.rs system/Patient.s",
        jwks: { keys: [{ ...keys.publicKey.export({ format: "jwk" }), kid: "1" }] },
      }),
    });
    expect(registered.status).toBe(201);
    const { tokenUrl } = (await new FhirKitClient({ baseUrl: chc.fhir }).smartAuthMetadata()) as { tokenUrl: URL };
    const claims = { iss: id, sub: id, aud: String(tokenUrl), jti: `${run}`, exp: Math.floor(Date.now() / 1000) + 240 };
    const signed = [{ alg: "ES384", kid: "1", typ: "JWT" }, claims].map(toBase64Url).join(".");
    const signature = sign("sha384", Buffer.from(signed), { key: keys.privateKey, dsaEncoding: "ieee-p1363" });
    const assertion = `${signed}.${signature.toString("base64url")}`;
    const granted = await fetch(tokenUrl, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: assertion,
        scope: "system/*.rs",
      }),
    });
    const { access_token: token } = (await granted.json()) as { access_token: string };
    const found = await at(chc, token).search({
      resourceType: "Observation",
      searchParams: { "patient.identifier": "KDC|KD-778812" },
    });
    expect((found as Json).entry?.length).toBeGreaterThan(0);
    await expect(at(chc, token).search({ resourceType: "Condition" })).rejects.toMatchObject({
      response: { status: 403 },
    });
  });
});

const toBase64Url = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
const pause = () => new Promise((resolve) => setTimeout(resolve, 100));

async function awaitResource(
  gateway: typeof kdc,
  id: string,
  fits: (resource: Json | undefined) => boolean,
): Promise<Json | undefined> {
  for (let i = 0; i < 200; i++) {
    const response = await fetch(`${gateway.fhir}/Observation/${id}`, {
      headers: { authorization: `Bearer ${gateway.token}` },
    });
    const resource = response.status === 200 ? ((await response.json()) as Json) : undefined;
    if (fits(resource)) return resource;
    await pause();
  }
  throw new Error("the other institution's door does not show it");
}
