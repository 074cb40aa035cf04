import { dateTimeToMs, objectOf, objectsOf, textOf, textsOf } from "@caseroom/clinical";
import { setMember } from "@caseroom/fhir";
import type postgres from "postgres";
import { RefusedWrite, refusal } from "./refusal.ts";
import { parseSearch } from "./search-query.ts";
import type { PlannedWrite } from "./writing/write-request.ts";

const PAYLOAD_CONTENT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content";
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);
const MAX_HEADERS = 8;

type HookRules = { readonly hookOrigins: readonly string[]; readonly baseUrl: string };

type Hook = {
  readonly criteria: string;
  readonly endpoint: string;
  readonly payload: "empty" | "id-only";
  readonly headers: readonly (readonly [string, string])[];
  readonly endMs: number | undefined;
  readonly isOff: boolean;
};

/**
 * A Subscription (FHIR R4 §2.39) that can be kept: a search that is offered, a REST hook at an address that is allowed, and
 * nothing but ids in what is sent. Accepting it makes it active. Other writes pass unchanged.
 */
export function prepareSubscription(write: PlannedWrite, rules: HookRules): PlannedWrite {
  const { resource } = write;
  if (write.type !== "Subscription" || resource === undefined) return write;
  const hook = readHook(write, rules);
  const status = hook.isOff ? "off" : "active";
  const json = setMember(resource.json, "status", JSON.stringify(status));
  return { ...write, resource: { ...resource, json, value: { ...resource.value, status } } };
}

/** What the notifications of a Subscription need, beside the resource itself. */
export async function keepSubscription(
  sql: postgres.ISql,
  write: PlannedWrite,
  clientId: string | undefined,
  baseUrl: string,
): Promise<void> {
  if (write.method === "DELETE") {
    await sql`DELETE FROM fhir_subscription WHERE logical_id = ${write.id}`;
    return;
  }
  const hook = readHook(write, { hookOrigins: ["*"], baseUrl });
  const state = hook.isOff ? "off" : "active";
  await sql`
    INSERT INTO fhir_subscription (logical_id, criteria, endpoint, payload, headers, end_ms, client_id, state)
    VALUES (${write.id}, ${hook.criteria}, ${hook.endpoint}, ${hook.payload}, ${JSON.stringify(hook.headers)}::text::jsonb, ${hook.endMs ?? null},
      ${clientId ?? null}, ${state})
    ON CONFLICT (logical_id) DO UPDATE SET criteria = excluded.criteria, endpoint = excluded.endpoint, payload = excluded.payload,
      headers = excluded.headers, end_ms = excluded.end_ms, client_id = excluded.client_id, state = excluded.state`;
}

function readHook(write: PlannedWrite, rules: HookRules): Hook {
  const resource = write.resource?.value ?? { resourceType: write.type };
  const at = (element: string) => `${write.place === "" ? "Subscription" : write.place}.${element}`;
  const refuse = (element: string, diagnostics: string): never => {
    throw new RefusedWrite(refusal(422, "not-supported", diagnostics, at(element)));
  };
  const channel = objectOf(resource.channel) ?? {};
  if (channel.type !== "rest-hook") refuse("channel.type", "only rest-hook is offered");
  const criteria = textOf(resource.criteria) ?? "";
  const [type = "", search = ""] = criteria.split("?", 2);
  const query = /^[A-Z][A-Za-z]+$/.test(type)
    ? parseSearch(type, [...new URLSearchParams(search)], rules.baseUrl)
    : undefined;
  if (query?.ok !== true) refuse("criteria", "not a search that is offered here");
  const endpoint = textOf(channel.endpoint) ?? "";
  if (!isAllowedHook(endpoint, rules.hookOrigins)) refuse("channel.endpoint", "this address is not allowed for hooks");
  const headers = textsOf(channel.header).flatMap((line) => readHeader(line));
  if (headers.length !== textsOf(channel.header).length || headers.length > MAX_HEADERS)
    refuse("channel.header", "only Authorization and X-… headers may be sent");
  return {
    criteria,
    endpoint,
    payload: readPayload(channel, refuse),
    headers,
    endMs: dateTimeToMs(resource.end),
    isOff: resource.status === "off",
  };
}

/** Never content: a payload is empty, or ids alone (Subscriptions R5 Backport, `backport-payload-content`). */
function readPayload(
  channel: { readonly [name: string]: unknown },
  refuse: (element: string, diagnostics: string) => never,
): "empty" | "id-only" {
  const type = textOf(channel.payload);
  if (type === undefined) return "empty";
  if (!/^application\/(?:fhir\+)?json\b/.test(type)) refuse("channel.payload", "only application/fhir+json is offered");
  const extension = objectsOf(objectOf(channel._payload)?.extension).find(({ url }) => url === PAYLOAD_CONTENT);
  const content = textOf(extension?.valueCode) ?? "id-only";
  if (content !== "empty" && content !== "id-only") refuse("channel.payload", "a notification never holds content");
  return content === "empty" ? "empty" : "id-only";
}

const HEADER = /^(authorization|x-[a-z0-9-]{1,60})\s*:\s*([\u0020-\u007E]{1,2048})$/i;

function readHeader(line: string): readonly (readonly [string, string])[] {
  const match = HEADER.exec(line);
  return match?.[1] === undefined || match[2] === undefined ? [] : [[match[1].toLowerCase(), match[2].trim()]];
}

/** Whether a hook may be called: this machine, or an origin that the institution's configuration names. */
export function isAllowedHook(endpoint: string, origins: readonly string[]): boolean {
  if (!URL.canParse(endpoint)) return false;
  const url = new URL(endpoint);
  if ((url.protocol !== "http:" && url.protocol !== "https:") || url.username !== "" || url.password !== "")
    return false;
  if (origins.includes("*")) return true;
  return origins.length === 0 ? LOOPBACK.has(url.hostname) : origins.includes(url.origin);
}
