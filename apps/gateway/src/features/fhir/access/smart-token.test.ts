import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DoorForTesting, openDoorForTesting } from "../door-for-testing.ts";
import { createR4Validator } from "../validation/r4-validator.ts";
import { intersectScopes, parseScopes, parseSystemScope } from "./smart-scope.ts";

const validator = createR4Validator();
let door: DoorForTesting;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;

beforeAll(async () => {
  door = await openDoorForTesting("alpha", validator);
  keys = await generateKeyPair("ES384", { extractable: true });
  const registered = await door.ask("POST", "/admin/fhir-clients", {
    headers: { "content-type": "application/json" },
    body: {
      id: "emr",
      name: "The clinic's EMR",
      jwks: { keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "ES384" }] },
      scope: "system/Observation.rs system/Patient.cruds",
    },
  });
  expect(registered.status).toBe(201);
}, 120_000);
afterAll(async () => {
  await Promise.all([door?.stop(), validator.stop()]);
});

let number = 0;

type Claims = { readonly aud?: string; readonly exp?: number; readonly jti?: string; readonly iss?: string };

function assertion(claims: Claims = {}, key = keys.privateKey) {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    jti: `j-${++number}`,
    exp: now + 240,
    aud: "http://alpha.test/auth/token",
    iss: "emr",
    sub: "emr",
    ...claims,
  })
    .setProtectedHeader({ alg: "ES384", kid: "k1", typ: "JWT" })
    .sign(key);
}

async function askToken(signed: string, scope: string) {
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: signed,
    scope,
  });
  const answer = await door.app.inject({
    method: "POST",
    url: "/auth/token",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: body.toString(),
  });
  return { status: answer.statusCode, body: answer.json() as Readonly<Record<string, string>> };
}

describe("a client program", () => {
  it("proves itself by its key and may do what it is registered for, and no more", async () => {
    const granted = await askToken(await assertion(), "system/*.rs system/Patient.c");
    expect(granted).toMatchObject({
      status: 200,
      body: {
        token_type: "bearer",
        expires_in: 300,
        scope: "system/Observation.rs system/Patient.rs system/Patient.c",
      },
    });
    const token = granted.body.access_token ?? "";
    const status = async (method: string, path: string, body?: object) =>
      (await door.ask(method, path, { token, ...(body === undefined ? {} : { body }) })).status;
    const patient = { resourceType: "Patient", identifier: [{ system: "A", value: "1" }] };
    expect(await status("POST", "/fhir/Patient", patient)).toBe(201);
    expect(await status("GET", "/fhir/Observation?patient.identifier=A|1")).toBe(200);
    expect(await status("GET", "/fhir/Condition")).toBe(403);
    expect(await status("DELETE", "/fhir/Patient/1")).toBe(403);
    const entry = [{ resource: { resourceType: "Condition" }, request: { method: "POST", url: "Condition" } }];
    expect(await status("POST", "/fhir", { resourceType: "Bundle", type: "transaction", entry })).toBe(403);
    expect(await status("DELETE", "/admin/fhir-clients/emr")).toBe(401);
  });

  it("is refused with an assertion that is used again, lives too long, is for another server, or is signed by another", async () => {
    const once = await assertion();
    expect((await askToken(once, "system/*.rs")).status).toBe(200);
    const other = await generateKeyPair("ES384");
    const now = Math.floor(Date.now() / 1000);
    const wrong = [
      once,
      await assertion({ exp: now + 3600 }),
      await assertion({ exp: now - 60 }),
      await assertion({ aud: "http://beta.test/auth/token" }),
      await assertion({ iss: "other" }),
      await assertion({}, other.privateKey),
      "not.a.token",
    ];
    for (const signed of wrong)
      expect(await askToken(signed, "system/*.rs")).toEqual({ status: 401, body: { error: "invalid_client" } });
    expect(await askToken(await assertion(), "system/Condition.rs")).toEqual({
      status: 400,
      body: { error: "invalid_scope" },
    });
  });

  it("that is removed has no access from then on", async () => {
    const { body } = await askToken(await assertion(), "system/*.rs");
    const token = body.access_token ?? "";
    expect((await door.ask("GET", "/fhir/Patient", { token })).status).toBe(200);
    expect((await door.ask("DELETE", "/admin/fhir-clients/emr")).status).toBe(200);
    expect((await door.ask("GET", "/fhir/Patient", { token })).status).toBe(401);
  });
});

describe("a scope", () => {
  it("has its letters in order, and those of version 1 are understood", () => {
    expect(["system/*.dus", "system/*.", "user/*.rs", "system/x.rs"].map(parseSystemScope)).toEqual(
      Array(4).fill(undefined),
    );
    expect(intersectScopes(parseScopes("system/*.read"), parseScopes("system/*.cruds"))).toBe("system/*.rs");
    expect(intersectScopes(parseScopes("system/*.*"), parseScopes("system/Goal.write"))).toBe("system/Goal.cud");
  });
});
