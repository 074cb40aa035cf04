import { err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import { readResource } from "@caseroom/fhir";
import type postgres from "postgres";
import { answerBundle } from "./bundles.ts";
import { answerWrite, type Interaction, type InteractionDeps } from "./interactions.ts";
import type { FhirRefusal } from "./refusal.ts";
import type { FhirWriter } from "./writing/writer.ts";

/**
 * What a client sent to the FHIR door, from the quarantine and by the same way; `settle` runs in the transaction that takes it. `request` is
 * its method, path and conditions. A person decided, so that no client's scopes limit it.
 */
export async function replayRequest(
  deps: InteractionDeps,
  { request, text }: { readonly request: string; readonly text: string },
  settle: (tx: postgres.ISql) => Promise<void>,
): Promise<Result<undefined, Failure & { readonly place: string }>> {
  const resource = readResource(text);
  if (!resource.ok) return err({ ...failure("SOURCE_UNREADABLE"), place: resource.error.issue.expression ?? "" });
  const writer: FhirWriter = { write: (requests, origin) => deps.writer.write(requests, { ...origin, settle }) };
  const access = { clientId: undefined, may: () => true };
  const [method = "", path = "", ifMatch = "", ifNoneExist = ""] = request.split(" ");
  // Each entry of a batch is taken or refused for itself: there is no one answer that closes the item.
  if (path === "" && resource.value.value.type === "batch")
    return err({ ...failure("SOURCE_UNSUPPORTED"), place: "Bundle.type" });
  const interaction: Interaction = {
    method,
    path,
    parameters: [],
    resource: resource.value,
    ifNoneExist: decodeURIComponent(ifNoneExist) || undefined,
    ifMatch: decodeURIComponent(ifMatch) || undefined,
    place: "",
    text,
  };
  const door = { ...deps, writer };
  const answer = await (path === ""
    ? answerBundle(door, access, resource.value, text)
    : answerWrite(door, access, interaction));
  return answer.ok ? ok() : err(problemOf(answer.error));
}

function problemOf({ status, issues }: FhirRefusal): Failure & { readonly place: string } {
  const place = issues[0]?.expression ?? "";
  const code = status === 409 ? "PATIENT_MISMATCH" : status === 413 ? "TOO_LARGE" : "SOURCE_UNSUPPORTED";
  return { ...failure(code), place };
}
