import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crossOver, type DoorForTesting, openDoorForTesting } from "./door-for-testing.ts";
import { type Notifier, startNotifier } from "./notifier.ts";
import { isAllowedHook } from "./subscriptions.ts";
import { createR4Validator } from "./validation/r4-validator.ts";

type Call = { readonly body: string; readonly headers: Readonly<Record<string, unknown>> };

const validator = createR4Validator();
const calls: Call[] = [];
let failures = 0;
let hook: Server;
let alpha: DoorForTesting;
let beta: DoorForTesting;
let notifier: Notifier;

beforeAll(async () => {
  hook = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      if (failures > 0) {
        failures--;
        response.writeHead(500).end();
        return;
      }
      calls.push({ body, headers: request.headers });
      response.end();
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", () => resolve()));
  const onRaised = () => notifier.notify();
  [alpha, beta] = await Promise.all([
    openDoorForTesting("alpha", validator),
    openDoorForTesting("beta", validator, { onRaised }),
  ]);
  const { sql, baseUrl } = beta;
  notifier = startNotifier({ sql, baseUrl, hookOrigins: [], nowMs: () => Date.now(), log: () => undefined });
}, 120_000);
afterAll(async () => {
  await notifier?.stop();
  await Promise.all([alpha?.stop(), beta?.stop(), validator.stop()]);
  hook?.close();
});

const hookUrl = () => `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`;

function subscription(channel: object = {}, more: object = {}) {
  return {
    resourceType: "Subscription",
    status: "requested",
    reason: "results",
    criteria: "Observation?code=http://loinc.org|4548-4",
    channel: { type: "rest-hook", endpoint: hookUrl(), payload: "application/fhir+json", ...channel },
    ...more,
  };
}

async function sendResult(value: string, code: string) {
  const patient = { resourceType: "Patient", identifier: [{ system: "A", value }], name: [{ family: "Secretname" }] };
  const observation = {
    resourceType: "Observation",
    status: "final",
    code: { coding: [{ system: "http://loinc.org", code }] },
    subject: { reference: "urn:uuid:p" },
  };
  const entry = [
    { fullUrl: "urn:uuid:p", resource: patient, request: { method: "POST", url: "Patient" } },
    { resource: observation, request: { method: "POST", url: "Observation" } },
  ];
  const sent = await alpha.ask("POST", "/fhir", { body: { resourceType: "Bundle", type: "transaction", entry } });
  expect(sent.status).toBe(200);
  await crossOver(alpha, [beta]);
  // Where the gateway hears of what it received.
  notifier.notify();
  return sent.json.entry[1]?.response.location.split("/").at(-3);
}

async function awaitCalls(count: number): Promise<void> {
  for (let i = 0; i < 500 && calls.length < count; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(calls.length).toBe(count);
}

/** Told means forgotten. */
async function awaitNoneWaiting(): Promise<void> {
  const waiting = async () => (await beta.sql`SELECT FROM fhir_notification`).length;
  for (let i = 0; i < 500 && (await waiting()) > 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await waiting()).toBe(0);
}

describe("a subscription", () => {
  it("tells of a result of another institution, again until it is heard, by id alone and signed", async () => {
    await beta.sql`
      INSERT INTO fhir_client (id, name, jwks, scope, hook_secret) VALUES ('emr', 'EMR', '{"keys":[]}', 'system/*.cruds', 'a-secret')`;
    const made = await beta.ask("POST", "/fhir/Subscription", {
      body: subscription({ header: ["Authorization: Bearer theirs"] }),
    });
    expect([made.status, made.json.status]).toEqual([201, "active"]);
    await beta.sql`UPDATE fhir_subscription SET client_id = 'emr' WHERE logical_id = ${made.json.id}`;
    failures = 2;
    await sendResult("S-1", "8867-4");
    const id = await sendResult("S-2", "4548-4");
    await awaitCalls(1);
    const [call] = calls;
    const signature = createHmac("sha256", "a-secret")
      .update(call?.body ?? "")
      .digest("hex");
    expect(call?.headers).toMatchObject({
      authorization: "Bearer theirs",
      "x-caseroom-signature": `sha256=${signature}`,
    });
    expect(JSON.parse(call?.body ?? "")).toMatchObject({
      type: "history",
      entry: [{}, { fullUrl: `http://beta.test/fhir/Observation/${id}` }],
    });
    for (const content of ["Secretname", "S-2", "4548-4"]) expect(call?.body).not.toContain(content);
    await awaitNoneWaiting();
    expect((await beta.ask("DELETE", `/fhir/Subscription/${made.json.id}`)).status).toBe(204);
    await sendResult("S-3", "4548-4");
    expect(await beta.sql`SELECT FROM fhir_notification`).toHaveLength(0);
    // It steers this gateway: it never leaves it.
    expect(await beta.sql`SELECT FROM inbound`).toHaveLength(0);
  });

  it("with an empty payload sends nothing at all", async () => {
    const before = calls.length;
    await beta.ask("POST", "/fhir/Subscription", { body: subscription({ payload: undefined }) });
    await sendResult("S-4", "4548-4");
    await awaitCalls(before + 1);
    expect(calls.at(-1)?.body).toBe("");
  });

  it("is refused where it would send content, call another machine, or search for what is not offered", async () => {
    const content = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content";
    const refused: readonly (readonly [object, string])[] = [
      [subscription({ endpoint: "http://169.254.169.254/latest" }), "Subscription.channel.endpoint"],
      [subscription({ endpoint: "file:///etc/passwd" }), "Subscription.channel.endpoint"],
      [subscription({ type: "email" }), "Subscription.channel.type"],
      [subscription({ header: ["Host: other"] }), "Subscription.channel.header"],
      [
        subscription({ _payload: { extension: [{ url: content, valueCode: "full-resource" }] } }),
        "Subscription.channel.payload",
      ],
      [subscription({}, { criteria: "Observation?colour=red" }), "Subscription.criteria"],
    ];
    for (const [body, element] of refused) {
      const answer = await beta.ask("POST", "/fhir/Subscription", { body });
      expect([answer.status, answer.json.issue[0]?.expression]).toEqual([422, [element]]);
    }
    expect(isAllowedHook("https://emr.example/hook", ["https://emr.example"])).toBe(true);
    expect(isAllowedHook("https://emr.example.evil/hook", ["https://emr.example"])).toBe(false);
    expect(isAllowedHook("http://localhost@evil/", [])).toBe(false);
  });
});
