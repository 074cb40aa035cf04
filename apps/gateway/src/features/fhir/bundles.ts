import { ok, type Result } from "@caseroom/contract";
import {
  type BundleRequest,
  type ReadResource,
  type ResponseEntry,
  readBundleRequests,
  toResponseBundle,
} from "@caseroom/fhir";
import type { FhirAccess } from "./access/fhir-access.ts";
import {
  answerOf,
  answerRead,
  answerWrite,
  type FhirAnswer,
  type Interaction,
  type InteractionDeps,
  joinRefusals,
  notOffered,
  originOf,
  toWriteRequest,
} from "./interactions.ts";
import { type FhirRefusal, outcomeOf, refuse } from "./refusal.ts";
import type { WriteRequest } from "./writing/write-request.ts";

/** A transaction, all of it or nothing, or a batch, each entry for itself (FHIR R4 §3.1.0.11). */
export async function answerBundle(
  deps: InteractionDeps,
  access: FhirAccess,
  bundle: ReadResource,
  text: string,
): Promise<Result<FhirAnswer, FhirRefusal>> {
  if (bundle.resourceType !== "Bundle")
    return refuse(400, "invalid", "a Bundle is sent to this address, a resource to its type's", "resourceType");
  const { type } = bundle.value;
  if (type !== "transaction" && type !== "batch")
    return refuse(400, "not-supported", "a Bundle here is a transaction or a batch", "Bundle.type");
  const requests = readBundleRequests(bundle);
  if (!requests.ok) {
    const { tooLarge, issue } = requests.error;
    return { ok: false, error: { status: tooLarge ? 413 : 400, issues: [issue] } };
  }
  const entries = requests.value.map((request, i) => ({ request, interaction: toInteraction(request, i, text) }));
  return type === "batch" ? answerBatch(deps, access, entries) : answerTransaction(deps, access, entries, text);
}

type Entry = { readonly request: BundleRequest; readonly interaction: Interaction };

function toInteraction(request: BundleRequest, index: number, text: string): Interaction {
  const [path = "", query = ""] = request.url.split("?", 2);
  return {
    method: request.method,
    path: path.replace(/^\//, ""),
    parameters: [...new URLSearchParams(query)],
    resource: request.resource,
    ifNoneExist: request.ifNoneExist,
    ifMatch: request.ifMatch,
    place: `Bundle.entry[${index}].resource`,
    text,
  };
}

async function answerBatch(
  deps: InteractionDeps,
  access: FhirAccess,
  entries: readonly Entry[],
): Promise<Result<FhirAnswer, FhirRefusal>> {
  const responses: ResponseEntry[] = [];
  for (const { interaction } of entries) {
    // Nothing of the other entries goes into this one's patient's chart.
    const alone = { ...interaction, text: interaction.resource?.json ?? "" };
    const answer = await (interaction.method === "GET"
      ? answerRead(deps, access, alone)
      : answerWrite(deps, access, alone));
    responses.push(
      answer.ok
        ? toResponse(answer.value, interaction.method === "GET")
        : { status: String(answer.error.status), outcome: outcomeOf(answer.error) },
    );
  }
  return ok({ status: 200, body: toResponseBundle("batch-response", responses) });
}

async function answerTransaction(
  deps: InteractionDeps,
  access: FhirAccess,
  entries: readonly Entry[],
  text: string,
): Promise<Result<FhirAnswer, FhirRefusal>> {
  const writes: WriteRequest[] = [];
  const refusals: FhirRefusal[] = [];
  for (const { request, interaction } of entries) {
    if (request.method === "GET") continue;
    const write = toWriteRequest(access, interaction, request.fullUrl);
    if (write.ok) writes.push(write.value);
    else refusals.push(write.error);
  }
  if (refusals.length > 0) return joinRefusals(refusals);
  const written = await deps.writer.write(
    writes,
    originOf(access, { method: "POST", path: "", text, ifMatch: undefined, ifNoneExist: undefined }),
  );
  if (!written.ok) return written;
  const done = written.value.values();
  const responses: ResponseEntry[] = [];
  for (const { interaction } of entries) {
    if (interaction.method === "GET") {
      const answer = await answerRead(deps, access, interaction);
      responses.push(
        answer.ok
          ? toResponse(answer.value, true)
          : { status: String(answer.error.status), outcome: outcomeOf(answer.error) },
      );
      continue;
    }
    const next = done.next();
    if (next.done === true) return notOffered();
    responses.push(toResponse(await answerOf(deps, next.value), false));
  }
  return ok({ status: 200, body: toResponseBundle("transaction-response", responses) });
}

function toResponse(answer: FhirAnswer, withBody: boolean): ResponseEntry {
  const words = new Map([
    [200, "200 OK"],
    [201, "201 Created"],
    [204, "204 No Content"],
  ]);
  return {
    status: words.get(answer.status) ?? String(answer.status),
    ...(answer.location === undefined ? {} : { location: answer.location }),
    ...(answer.etag === undefined ? {} : { etag: answer.etag }),
    ...(answer.lastModified === undefined ? {} : { lastModified: answer.lastModified }),
    ...(withBody && answer.body !== undefined ? { json: answer.body } : {}),
  };
}
