import { readFile } from "node:fs/promises";
import { FRAMED_MEDIA_TYPE, OPERATIONS } from "@caseroom/contract";
import { dumpSchema } from "@caseroom/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { startTestHub, type TestHub, type TestPerson } from "./hub-for-testing.ts";

let hub: TestHub;
let cheung: TestPerson;

beforeAll(async () => {
  hub = await startTestHub();
  cheung = await hub.addPerson("cheung");
}, 60_000);
afterAll(() => hub.stop());

const CANARY = "cervantes-canary-7261";
const problem = z.strictObject({ type: z.url(), title: z.string(), status: z.number(), code: z.string() });

describe("the hub's HTTP", () => {
  it("answers what is wrong as a problem that echoes nothing, and its log keeps nothing of it either", async () => {
    const json = { "content-type": "application/json" };
    const bearer = { authorization: `Bearer ${cheung.token}` };
    const requests: readonly [string, RequestInit, number][] = [
      [`/v1/${CANARY}?q=${CANARY}`, {}, 404],
      [`/%E0%A4%A/${CANARY}`, {}, 400],
      ["/v1/sessions/begin", { method: "POST", headers: json, body: `{"login": "${CANARY}"` }, 400],
      ["/v1/sessions/begin", { method: "POST", headers: json, body: JSON.stringify({ login: CANARY }) }, 400],
      ["/v1/sessions/begin", { method: "POST", headers: { "content-type": "text/plain" }, body: CANARY }, 415],
      ["/v1/sessions/begin", { method: "POST", headers: json, body: CANARY.repeat(20_000) }, 413],
      ["/v1/spaces", { headers: { authorization: `Bearer ${CANARY}` } }, 401],
      ["/v1/spaces", { headers: { cookie: CANARY } }, 401],
      [`/v1/comps/${CANARY}/feed?from=0`, { headers: bearer }, 400],
      [`/v1/directory/people?orgId=${CANARY}`, { headers: bearer }, 400],
      [`/v1/chains/${"0".repeat(64)}/links`, { headers: { ...bearer, "x-request-id": CANARY } }, 404],
    ];
    for (const [path, init, status] of requests) {
      const response = await fetch(hub.baseUrl + path, init);
      const text = await response.text();
      expect([path, response.status]).toEqual([path, status]);
      expect(response.headers.get("content-type")).toContain("application/problem+json");
      expect(problem.parse(JSON.parse(text)).status).toBe(status);
      expect(text + JSON.stringify([...response.headers])).not.toContain(CANARY);
    }
    const log = hub.logLines.join("");
    expect(log).toContain('"route":"/v1/sessions/begin"');
    for (const secret of [CANARY, cheung.token, cheung.userId, hub.consortiumId]) expect(log).not.toContain(secret);
  });

  it("lets in the web apps that it was told of, and no others", async () => {
    const ask = async (origin: string) =>
      (await fetch(`${hub.baseUrl}/v1/meta`, { headers: { origin } })).headers.get("access-control-allow-origin");
    expect(await ask("http://gateway.test")).toBe("http://gateway.test");
    expect(await ask("http://evil.test")).toBeNull();
  });

  it("describes every operation in OpenAPI 3.1", async () => {
    const parameter = z.object({
      name: z.string(),
      in: z.enum(["path", "query"]),
      required: z.boolean(),
      schema: z.record(z.string(), z.unknown()),
    });
    const content = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }));
    const operation = z.object({
      operationId: z.string(),
      summary: z.string().min(1),
      security: z.array(z.record(z.string(), z.array(z.string()))),
      parameters: z.array(parameter),
      requestBody: z.object({ required: z.literal(true), content }).optional(),
      responses: z.record(
        z.string().regex(/^([1-5][0-9][0-9]|default)$/),
        z.object({ description: z.string().min(1), content: content.optional() }),
      ),
    });
    const document = z.object({
      openapi: z.literal("3.1.0"),
      info: z.object({ title: z.string(), version: z.string() }),
      paths: z.record(
        z.string().startsWith("/"),
        z.record(z.enum(["get", "post", "put", "delete"]), operation.optional()),
      ),
    });
    const described = document.parse(await (await fetch(`${hub.baseUrl}/openapi.json`)).json());
    const listed = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, one]) => (one === undefined ? [] : [{ path, method, ...one }])),
    );
    expect(listed.map((one) => one.operationId).sort()).toEqual(OPERATIONS.map(({ id }) => id).sort());
    for (const { path, parameters } of listed) {
      const named = parameters.filter((one) => one.in === "path").map((one) => one.name);
      expect(new Set([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))).toEqual(new Set(named));
    }
    const append = listed.find((one) => one.operationId === "entries.append");
    expect(Object.keys(append?.requestBody?.content ?? {})).toEqual([FRAMED_MEDIA_TYPE]);
  });

  it("says that it is alive and ready, and counts without naming anybody", async () => {
    const ask = async (path: string) => (await fetch(hub.baseUrl + path)).text();
    expect(await ask("/healthz")).toContain("ok");
    expect(await ask("/readyz")).toContain("ready");
    const metrics = await ask("/metrics");
    expect(metrics).toMatch(/caseroom_http_requests_total\{method="GET",route="\/v1\/meta",status="200"\} [0-9]+/);
    expect(metrics).not.toMatch(/[0-9a-f]{32}/);
  });
});

describe("the database of the hub", () => {
  it("has the schema that is committed", async () => {
    const committed = await readFile(new URL("../../apps/hub/schema.sql", import.meta.url), "utf8");
    expect(await dumpSchema(hub.sql)).toBe(committed);
  });
});
