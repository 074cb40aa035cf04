import { dateTimeToMs } from "@caseroom/clinical";
import { err, ok, type Result } from "@caseroom/contract";
import { isFhirId, type OutcomeIssue, type ReadResource, toHistoryBundle } from "@caseroom/fhir";
import type postgres from "postgres";
import type { FhirAccess } from "./access/fhir-access.ts";
import type { Permission } from "./access/smart-scope.ts";
import { answerEverything, answerSearch } from "./reading/search-answer.ts";
import { etagOf, findHistory, findVersion } from "./reading/versions.ts";
import { type FhirRefusal, refuse } from "./refusal.ts";
import { parseSearch } from "./search-query.ts";
import { parseIfMatch, type WriteDone, type WriteRequest } from "./writing/write-request.ts";
import type { FhirWriter, WriteOrigin } from "./writing/writer.ts";

/** What the door answers: a status, a body of FHIR JSON, and the headers of FHIR R4 §3.1.0. */
export type FhirAnswer = {
  readonly status: number;
  readonly body: string | undefined;
  readonly etag?: string;
  readonly lastModified?: string;
  readonly location?: string;
};

export type InteractionDeps = { readonly sql: postgres.Sql; readonly baseUrl: string; readonly writer: FhirWriter };

export type Parameters = readonly (readonly [string, string])[];

/** One interaction with a resource or a type, over HTTP or within a batch. */
export type Interaction = {
  readonly method: string;
  /** Below the door's address, without a slash at the beginning: `Observation/1`. */
  readonly path: string;
  readonly parameters: Parameters;
  readonly resource: ReadResource | undefined;
  readonly ifNoneExist: string | undefined;
  readonly ifMatch: string | undefined;
  readonly place: string;
  /** What was sent, as it was sent. */
  readonly text: string;
};

type Answered = Promise<Result<FhirAnswer, FhirRefusal>>;

/** Reads and searches; `undefined` for what is none. */
export async function answerRead(deps: InteractionDeps, access: FhirAccess, one: Interaction): Answered {
  const [type = "", id, operation, version, ...rest] = one.path.split("/");
  if (!/^[A-Z][A-Za-z]{1,63}$/.test(type) || rest.length > 0) return notOffered();
  if (id === undefined || id === "_search") return search(deps, access, type, one.parameters);
  if (!isFhirId(id)) return notOffered();
  if (operation === "$everything" && type === "Patient" && version === undefined)
    return everything(deps, access, id, one.parameters);
  if (!access.may(type, "r")) return forbidden(type, "r");
  if (operation === undefined) return read(deps, { type, id });
  if (operation !== "_history") return notOffered();
  if (version === undefined) return history(deps, { type, id });
  if (!/^\d{1,9}$/.test(version)) return refuse(404, "not-found", "no such version");
  return read(deps, { type, id, version: Number(version) });
}

async function read(
  { sql }: InteractionDeps,
  name: { readonly type: string; readonly id: string; readonly version?: number },
): Answered {
  const found = await findVersion(sql, name);
  if (found === undefined) return refuse(404, "not-found", "no such resource");
  if (found.isDeleted) return refuse(410, "deleted", "the resource was deleted");
  const { json, version, lastUpdated } = found.resource;
  return ok({ status: 200, body: json, etag: etagOf(version), lastModified: lastUpdated });
}

async function history(
  { sql, baseUrl }: InteractionDeps,
  name: { readonly type: string; readonly id: string },
): Answered {
  const found = await findHistory(sql, name, `${baseUrl}/fhir`);
  if (found === undefined) return refuse(404, "not-found", "no such resource");
  const url = `${baseUrl}/fhir/${name.type}/${name.id}/_history`;
  return ok({ status: 200, body: toHistoryBundle({ ...found, links: [{ relation: "self", url }] }) });
}

async function search(deps: InteractionDeps, access: FhirAccess, type: string, parameters: Parameters): Answered {
  if (!access.may(type, "s")) return forbidden(type, "s");
  const query = parseSearch(type, parameters, `${deps.baseUrl}/fhir`);
  if (!query.ok) return refuse(400, query.error.code, query.error.diagnostics);
  // To find by another type's content is to search that type.
  if (query.value.conditions.some(({ kind }) => kind === "patient-identifier") && !access.may("Patient", "s"))
    return forbidden("Patient", "s");
  const reading = { sql: deps.sql, baseUrl: `${deps.baseUrl}/fhir`, mayRead: (one: string) => access.may(one, "r") };
  return ok({ status: 200, body: await answerSearch(reading, query.value) });
}

async function everything(deps: InteractionDeps, access: FhirAccess, id: string, parameters: Parameters): Answered {
  if (!access.may("Patient", "r")) return forbidden("Patient", "r");
  const values = new Map(parameters);
  const unknown = [...values.keys()].find(
    (name) => !["_count", "_type", "_since", "_cursor", "_format"].includes(name),
  );
  if (unknown !== undefined) return refuse(400, "not-supported", `parameter not understood: ${unknown}`);
  const count = values.get("_count");
  const cursor = values.get("_cursor");
  const since = values.get("_since");
  const sinceMs = dateTimeToMs(since);
  const isWrong =
    (count !== undefined && !/^[1-9]\d{0,2}$/.test(count)) ||
    (cursor !== undefined && !/^[01]\.\d{1,18}$/.test(cursor)) ||
    (since !== undefined && sinceMs === undefined);
  if (isWrong) return refuse(400, "value", "_count, _since or _cursor has a value that is none");
  const body = await answerEverything(
    { sql: deps.sql, baseUrl: `${deps.baseUrl}/fhir`, mayRead: (type) => access.may(type, "r") },
    {
      id,
      cursor,
      sinceMs,
      count: count === undefined ? undefined : Number(count),
      types: values.get("_type")?.split(","),
      parameters: parameters.filter(([name]) => name !== "_cursor"),
    },
  );
  return body === undefined ? refuse(404, "not-found", "no such patient") : ok({ status: 200, body });
}

const PERMISSION_OF = new Map<string, Permission>([
  ["POST", "c"],
  ["PUT", "u"],
  ["DELETE", "d"],
]);

/** A create, update or delete that the client may do, as the writer takes it. */
export function toWriteRequest(
  access: FhirAccess,
  one: Interaction,
  fullUrl: string | undefined,
): Result<WriteRequest, FhirRefusal> {
  const [type = "", id, ...rest] = one.path.split("/");
  const permission = PERMISSION_OF.get(one.method);
  const hasId = one.method !== "POST";
  if (permission === undefined || rest.length > 0 || !/^[A-Z][A-Za-z]{1,63}$/.test(type)) return notOffered();
  if (one.parameters.some(([name]) => name !== "_format" && name !== "_pretty"))
    return refuse(400, "not-supported", "conditional update and delete are not offered");
  if (hasId !== (id !== undefined && id !== "")) return notOffered();
  if (!access.may(type, permission)) return forbidden(type, permission);
  const ifMatch = parseIfMatch(one.ifMatch);
  if (!ifMatch.ok) return ifMatch;
  const { method } = one;
  if (method !== "POST" && method !== "PUT" && method !== "DELETE") return notOffered();
  return ok({
    method,
    type,
    id,
    resource: one.resource,
    fullUrl,
    ifNoneExist: one.ifNoneExist,
    ifMatch: ifMatch.value,
    place: one.place,
  });
}

/** One write alone: what was written is answered as it is served. */
export async function answerWrite(deps: InteractionDeps, access: FhirAccess, one: Interaction): Answered {
  const request = toWriteRequest(access, one, undefined);
  if (!request.ok) return request;
  const written = await deps.writer.write([request.value], originOf(access, one));
  if (!written.ok) return written;
  const [done] = written.value;
  return done === undefined ? notOffered() : ok(await answerOf(deps, done));
}

/** What the writer is told of who writes what. */
export function originOf(
  { clientId }: FhirAccess,
  one: Pick<Interaction, "method" | "path" | "text" | "ifMatch" | "ifNoneExist">,
): WriteOrigin {
  const { method, path, text, ifMatch = "", ifNoneExist = "" } = one;
  // What a client required holds for a replay too; blanks part them.
  const request = [method, path, encodeURIComponent(ifMatch), encodeURIComponent(ifNoneExist)].join(" ").trim();
  return { clientId, text, request };
}

/** What became of a write, with the resource as it is now. */
export async function answerOf({ sql, baseUrl }: InteractionDeps, done: WriteDone): Promise<FhirAnswer> {
  const status = Number(done.status.slice(0, 3));
  if (status === 204)
    return { status, body: undefined, ...(done.version === undefined ? {} : { etag: etagOf(done.version) }) };
  const found = await findVersion(sql, { type: done.type, id: done.id });
  if (found === undefined || found.isDeleted) return { status, body: undefined };
  const { json, version, lastUpdated } = found.resource;
  return {
    status,
    body: json,
    etag: etagOf(version),
    lastModified: lastUpdated,
    location: `${baseUrl}/fhir/${done.type}/${done.id}/_history/${version}`,
  };
}

export function notOffered(): Result<never, FhirRefusal> {
  return refuse(404, "not-supported", "this interaction is not offered; see /fhir/metadata");
}

function forbidden(type: string, permission: Permission): Result<never, FhirRefusal> {
  return refuse(403, "forbidden", `the token's scopes do not hold system/${type}.${permission}`);
}

/** Several refusals as one; the first one's status. */
export function joinRefusals(refusals: readonly FhirRefusal[]): Result<never, FhirRefusal> {
  const issues: readonly OutcomeIssue[] = refusals.flatMap((one) => one.issues);
  return err({ status: refusals[0]?.status ?? 400, issues });
}
