import { expectOk } from "@caseroom/contract";
import { createAssembler } from "./assembler.ts";
import { type Fragment, parseFragment } from "./fragment.ts";
import type { Picture } from "./picture.ts";

const INSTITUTIONS = { hgh: "Harbour General", kdc: "Kowloon Diagnostic", chc: "Central Heart Clinic" };

/** A fragment of one of three institutions. A JSON text is kept exactly, so that decimals can be tested. */
export function fragmentForTesting(
  id: string,
  institutionId: keyof typeof INSTITUTIONS,
  resource: string | object,
  receivedMs = 1_000,
): Fragment {
  const provenance = { institutionId, institution: INSTITUTIONS[institutionId], system: "HIS", receivedMs };
  const json = typeof resource === "string" ? resource : JSON.stringify(resource);
  return expectOk(parseFragment({ id, json, provenance }), "a fragment for a test");
}

export function pictureForTesting(...fragments: Fragment[]): Picture {
  const assembler = createAssembler();
  assembler.add(fragments);
  return assembler.picture();
}

/** An Observation as JSON text whose number is written as given. */
export function observationForTesting(options: {
  readonly value: string;
  readonly code?: string;
  readonly unit?: string;
  readonly at?: string;
  readonly identifier?: string;
  readonly status?: string;
  readonly issued?: string;
}): string {
  const {
    value,
    code = "4548-4",
    unit = "%",
    at = "2026-03-15T08:00:00+08:00",
    identifier,
    status = "final",
    issued,
  } = options;
  return `{"resourceType":"Observation","status":"${status}",${
    identifier === undefined ? "" : `"identifier":[{"system":"urn:lab","value":"${identifier}"}],`
  }${issued === undefined ? "" : `"issued":"${issued}",`}"code":{"coding":[{"system":"http://loinc.org","code":"${code}"}],"text":"Test ${code}"},"effectiveDateTime":"${at}","valueQuantity":{"value":${value},"unit":"${unit}"}}`;
}

export function allergyForTesting(text: string, more: object = {}): object {
  return { resourceType: "AllergyIntolerance", code: { text }, ...more };
}
