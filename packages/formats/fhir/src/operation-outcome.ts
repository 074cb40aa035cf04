/**
 * One issue of an OperationOutcome (FHIR R4 §2.28): `code` from the value set issue-type; `expression` is the FHIRPath of
 * the element; no patient data in `diagnostics`.
 */
export type OutcomeIssue = {
  readonly severity: "fatal" | "error" | "warning" | "information";
  readonly code: string;
  readonly diagnostics: string;
  readonly expression?: string;
};

/** The OperationOutcome that a FHIR client is answered with. */
export function operationOutcome(issues: OutcomeIssue | readonly OutcomeIssue[]): string {
  const list = "severity" in issues ? [issues] : issues;
  return JSON.stringify({
    resourceType: "OperationOutcome",
    issue: list.map(({ severity, code, diagnostics, expression }) => ({
      severity,
      code,
      diagnostics,
      ...(expression === undefined ? {} : { expression: [expression] }),
    })),
  });
}
