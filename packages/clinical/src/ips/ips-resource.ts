import { parseJson } from "@caseroom/contract";
import { type FhirObject, isFhirObject } from "../fhir-value.ts";
import { quoteNumbers } from "../json-text.ts";

/** A resource on its way into a document. Its numbers are texts that `writeDocument` turns back, so that 6.50 stays 6.50. */
export type DocumentResource = { readonly fullUrl: string; readonly resource: FhirObject };

/**
 * A deposited resource as it may stand in a document by itself: about the one patient, under an id of the document, and
 * without references that lead out of it. `undefined` when the text is no object.
 */
export function adaptResource(json: string, id: string, patientUrl: string | undefined): DocumentResource | undefined {
  const parsed = parseJson(quoteNumbers(json));
  if (!parsed.ok || !isFhirObject(parsed.value)) return undefined;
  const { id: _id, meta: _meta, text: _text, ...kept } = parsed.value;
  const body = withoutReferences(kept);
  if (!isFhirObject(body)) return undefined;
  const about = patientUrl === undefined ? {} : subjectOf(body, patientUrl);
  return { fullUrl: `urn:uuid:${id}`, resource: { ...body, ...about, id } };
}

function subjectOf(body: FhirObject, reference: string): FhirObject {
  return "patient" in body ? { patient: { reference } } : { subject: { reference } };
}

/** A reference keeps what people read of it; one within the resource stays. */
function withoutReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (!isFhirObject(value)) return value;
  const { reference, ...rest } = value;
  const copy = Object.fromEntries(Object.entries(rest).map(([name, member]) => [name, withoutReferences(member)]));
  if (typeof reference !== "string")
    return reference === undefined ? copy : { ...copy, reference: withoutReferences(reference) };
  if (reference.startsWith("#")) return { ...copy, reference };
  return "display" in copy || "identifier" in copy ? copy : { ...copy, display: reference };
}
