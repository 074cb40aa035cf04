/** One issue of an OperationOutcome (FHIR R4 §2.28): `code` from the value set issue-type; no patient data in `diagnostics`. */
export type OutcomeIssue = {
  readonly severity: "fatal" | "error" | "warning" | "information";
  readonly code: string;
  readonly diagnostics: string;
};

/** The OperationOutcome that a FHIR client is answered with. */
export function operationOutcome(issue: OutcomeIssue): string {
  const { severity, code, diagnostics } = issue;
  return JSON.stringify({ resourceType: "OperationOutcome", issue: [{ severity, code, diagnostics }] });
}
