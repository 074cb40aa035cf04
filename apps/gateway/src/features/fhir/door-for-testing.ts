import type { Client, ReceivedEntry } from "@caseroom/client";
import { encodeFhirBody } from "@caseroom/client";
import { err, failure } from "@caseroom/contract";
import { runMigrations } from "@caseroom/postgres";
import { startPostgresForTesting } from "@caseroom/postgres/testing";
import Fastify, { type FastifyInstance } from "fastify";
import type postgres from "postgres";
import { listWaiting, markSent } from "../inbound/inbound-store.ts";
import { registerFhirRoutes } from "./fhir-routes.ts";
import { projectEntries } from "./projection.ts";
import type { R4Validator } from "./validation/r4-validator.ts";
import { createFhirWriter } from "./writing/writer.ts";

const TOKEN = "a-token-for-testing";
const MIGRATIONS = new URL("../../../migrations/", import.meta.url);

export type DoorForTesting = {
  readonly name: string;
  readonly sql: postgres.Sql;
  readonly app: FastifyInstance;
  readonly baseUrl: string;
  /** One request with the gateway's token, or another. */
  readonly ask: (method: string, path: string, options?: AskOptions) => Promise<Asked>;
  readonly stop: () => Promise<void>;
};
export type AskOptions = {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Record<string, string>;
};
/** What tests look at in whatever was answered. */
export type AnsweredJson = {
  readonly resourceType: string;
  readonly id: string;
  readonly meta: { readonly versionId: string; readonly lastUpdated: string };
  readonly status: string;
  readonly gender: string;
  readonly effectiveDateTime: string;
  readonly subject: { readonly reference: string };
  readonly total: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly issue: readonly { readonly code: string; readonly expression: readonly string[] }[];
  readonly entry: readonly {
    readonly fullUrl: string;
    readonly resource: AnsweredJson;
    readonly search: { readonly mode: string };
    readonly request: { readonly method: string };
    readonly response: { readonly status: string; readonly location: string; readonly outcome: AnsweredJson };
  }[];
};
export type Asked = {
  readonly status: number;
  readonly text: string;
  readonly json: AnsweredJson;
  readonly headers: Readonly<Record<string, unknown>>;
};

/** The door of one institution with a database of its own unless one is given, without hub and delivery. */
export async function openDoorForTesting(
  name: string,
  validator: R4Validator,
  options: { readonly nowMs?: () => number; readonly onRaised?: () => void; readonly sql?: postgres.Sql } = {},
): Promise<DoorForTesting> {
  const database = options.sql === undefined ? await startPostgresForTesting() : undefined;
  const sql: postgres.Sql = options.sql ?? (database?.sql as never);
  if (database !== undefined) await runMigrations(database.sql, MIGRATIONS);
  const baseUrl = `http://${name}.test`;
  const nowMs = options.nowMs ?? (() => Date.now());
  const writer = createFhirWriter({
    sql,
    baseUrl,
    institutionId: name,
    validator,
    hookOrigins: [],
    nowMs,
    onAccepted: () => undefined,
    onRaised: options.onRaised ?? (() => undefined),
  });
  const app = Fastify();
  const openFile = async () => err(failure("OFFLINE"));
  registerFhirRoutes(app, { sql, baseUrl, writer, openFile, isToken: (token) => token === TOKEN, nowMs });
  await app.ready();
  return {
    name,
    sql,
    app,
    baseUrl,
    ask: async (method, path, { body, token = TOKEN, headers = {} } = {}) => {
      const answer = await app.inject({
        method: method as "GET",
        url: path,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/fhir+json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = answer.body;
      return {
        status: answer.statusCode,
        text,
        json: (text.startsWith("{") ? JSON.parse(text) : undefined) as AnsweredJson,
        headers: answer.headers,
      };
    },
    stop: async () => {
      await app.close();
      await database?.stop();
    },
  };
}

/**
 * What the delivery and the hub do: every message that waits at `from` becomes an entry of its patient's chart, and every
 * door here opens it. Answers the texts that were sealed.
 */
export async function crossOver(from: DoorForTesting, to: readonly DoorForTesting[]): Promise<readonly string[]> {
  const waiting = await listWaiting(from.sql, 1000);
  const entries: ReceivedEntry[] = [];
  for (const message of waiting) {
    const spaceId = `space-${from.name}-${message.patientId}`;
    await from.sql`UPDATE patient SET space_id = ${spaceId} WHERE id = ${message.patientId}::bigint`;
    entries.push({
      spaceId,
      entry: {
        entryId: `entry-${from.name}-${message.id}`,
        author: from.name,
        kind: "fhir",
        t: message.receivedMs,
        body: encodeFhirBody(message.fragments.map(({ json }) => json)),
        provenance: { system: message.sender, sourceId: message.controlId, receivedMs: message.receivedMs },
      },
    } as never);
  }
  for (const door of [from, ...to]) await projectEntries({ sql: door.sql, client: clientOf(door.name) }, entries);
  await markSent(
    from.sql,
    waiting.map(({ id }) => id),
  );
  return waiting.flatMap(({ fragments }) => fragments.map(({ json }) => json));
}

/** A client whose directory has every institution: each is its own gateway. */
function clientOf(name: string): Client {
  const orgs = ["alpha", "beta", "gamma"].map((id) => ({ id, gateways: new Map([[id, {}]]) }));
  return { userId: name, directory: { orgs: () => orgs, consortium: () => undefined } } as never;
}
