import { err, type Result } from "@caseroom/contract";
import { type OutcomeIssue, operationOutcome } from "@caseroom/fhir";

/** Why an interaction was not done: the HTTP status and the issues of its OperationOutcome. No patient data in either. */
export type FhirRefusal = { readonly status: number; readonly issues: readonly OutcomeIssue[] };

/** A refusal with one issue. */
export function refusal(status: number, code: string, diagnostics: string, expression?: string): FhirRefusal {
  const issue = { severity: "error" as const, code, diagnostics };
  return { status, issues: [expression === undefined ? issue : { ...issue, expression }] };
}

export function refuse(
  status: number,
  code: string,
  diagnostics: string,
  expression?: string,
): Result<never, FhirRefusal> {
  return err(refusal(status, code, diagnostics, expression));
}

export function outcomeOf({ issues }: FhirRefusal): string {
  return operationOutcome(issues);
}

/** Carries a refusal out of a database transaction, so that nothing of it is kept. Caught where the transaction began. */
export class RefusedWrite extends Error {
  readonly refusal: FhirRefusal;
  /** The patient did not agree with the record: what came is set aside for a person to look at. */
  readonly isMismatch: boolean;

  constructor(refused: FhirRefusal, isMismatch = false) {
    super("a FHIR write is refused");
    this.refusal = refused;
    this.isMismatch = isMismatch;
  }
}
