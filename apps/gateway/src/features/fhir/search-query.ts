import { err, ok, type Result } from "@caseroom/contract";
import { type DateSearch, parseDateSearch, parseReference } from "@caseroom/fhir";
import { searchKey } from "./index-keys.ts";
import { searchedType } from "./searched-types.ts";

/** One condition; several hold together. Alternatives within it are what commas separated (FHIR R4 §3.1.1.4.1). */
export type SearchCondition =
  | { readonly kind: "keys"; readonly keys: readonly string[] }
  | { readonly kind: "ids"; readonly ids: readonly string[] }
  | {
      readonly kind: "reference";
      readonly parameter: string;
      readonly targets: readonly { readonly type: string | undefined; readonly id: string }[];
    }
  /** Only what this institution itself deposited. */
  | { readonly kind: "own" }
  | { readonly kind: "patient-identifier"; readonly keys: readonly string[] }
  | { readonly kind: "date" | "updated"; readonly dates: readonly DateSearch[] };

export type SearchInclude = { readonly type: string; readonly parameter: string; readonly target: string | undefined };

export type SearchQuery = {
  readonly type: string;
  readonly conditions: readonly SearchCondition[];
  readonly count: number;
  readonly sort: { readonly by: "date" | "updated" | "id"; readonly descending: boolean };
  readonly total: "accurate" | "bounded" | "none";
  readonly includes: readonly SearchInclude[];
  readonly revIncludes: readonly SearchInclude[];
  readonly cursor: readonly [string, string] | undefined;
  /** The parameters as they were understood, for the links; without the cursor. */
  readonly parameters: readonly (readonly [string, string])[];
};

/** What a search refuses, for the OperationOutcome. */
export type QueryRefusal = { readonly code: "not-supported" | "value" | "too-costly"; readonly diagnostics: string };

const MAX_COUNT = 1000;
const DEFAULT_COUNT = 50;
const MAX_PARAMETERS = 32;
const MAX_ALTERNATIVES = 100;
/** Understood, and without any effect here. */
const IGNORED = new Set(["_format", "_pretty"]);

type Draft = { -readonly [Name in keyof SearchQuery]: SearchQuery[Name] } & {
  conditions: SearchCondition[];
  includes: SearchInclude[];
  revIncludes: SearchInclude[];
};

/** A search of one type (FHIR R4 §3.1.1). A parameter that is not understood refuses the search: it would find too much. */
export function parseSearch(
  type: string,
  parameters: readonly (readonly [string, string])[],
  baseUrl: string,
): Result<SearchQuery, QueryRefusal> {
  if (parameters.length > MAX_PARAMETERS) return refuse("too-costly", "too many search parameters");
  const draft: Draft = {
    type,
    conditions: [],
    count: DEFAULT_COUNT,
    sort: { by: "date", descending: true },
    total: "bounded",
    includes: [],
    revIncludes: [],
    cursor: undefined,
    parameters: parameters.filter(([name]) => name !== "_cursor"),
  };
  for (const [name, value] of parameters) {
    if (IGNORED.has(name)) continue;
    if (value.trim() === "") return err(wrong(name));
    if (value.length > 4096) return refuse("too-costly", `search parameter too long: ${name}`);
    const problem = name.startsWith("_") ? readControl(draft, name, value) : readCondition(draft, name, value, baseUrl);
    if (problem !== undefined) return err(problem);
  }
  return ok(draft);
}

/** Parameters whose names begin with an underscore (§3.1.1.5). */
function readControl(draft: Draft, name: string, value: string): QueryRefusal | undefined {
  switch (name) {
    case "_id":
      draft.conditions.push({ kind: "ids", ids: alternatives(value) });
      return undefined;
    case "_lastUpdated":
      return addDates(draft, "updated", name, value);
    case "_count":
      return readCount(draft, value);
    case "_sort":
      return readSort(draft, value);
    case "_summary":
      if (value === "count") draft.count = 0;
      return value === "count" || value === "false" ? undefined : unsupported(`${name}=${value}`);
    case "_total":
      if (value !== "none" && value !== "accurate" && value !== "estimate") return wrong(name);
      draft.total = value === "estimate" ? "bounded" : value;
      return undefined;
    case "_include":
    case "_revinclude":
      return readInclude(name === "_include" ? draft.includes : draft.revIncludes, name, value);
    case "_cursor":
      return readCursor(draft, value);
    default:
      return unsupported(name);
  }
}

function readCount(draft: Draft, value: string): QueryRefusal | undefined {
  if (!/^\d{1,6}$/.test(value)) return wrong("_count");
  draft.count = Math.min(Number(value), MAX_COUNT);
  return undefined;
}

function readSort(draft: Draft, value: string): QueryRefusal | undefined {
  const descending = value.startsWith("-");
  const name = descending ? value.slice(1) : value;
  const date = searchedType(draft.type).date?.name;
  const by = name === "_lastUpdated" ? "updated" : name === "_id" ? "id" : name === date ? "date" : undefined;
  if (by === undefined) return unsupported(`_sort=${value}`);
  draft.sort = { by, descending };
  return undefined;
}

function readInclude(list: SearchInclude[], name: string, value: string): QueryRefusal | undefined {
  const [type = "", parameter = "", target] = value.split(":");
  const isKnown = /^[A-Z][A-Za-z]+$/.test(type) && Object.hasOwn(searchedType(type).references, parameter);
  if (!isKnown) return unsupported(`${name}=${value}`);
  list.push({ type, parameter, target: target === "" ? undefined : target });
  return undefined;
}

function readCursor(draft: Draft, value: string): QueryRefusal | undefined {
  const parts = Buffer.from(value, "base64url").toString("latin1").split("/");
  const [sortValue = "", rowId = ""] = parts;
  if (parts.length !== 2 || !/^(-?\d{1,18}|[A-Za-z0-9\-.]{1,64})$/.test(sortValue) || !/^\d{1,18}$/.test(rowId))
    return wrong("_cursor");
  draft.cursor = [sortValue, rowId];
  return undefined;
}

/** The place in the order after which a page begins, as a link carries it. */
export function encodeCursor(cursor: readonly [string, string]): string {
  return Buffer.from(cursor.join("/"), "latin1").toString("base64url");
}

const PATIENT_IDENTIFIER = /^(?:patient|subject)(?::Patient)?\.identifier$/;

function readCondition(draft: Draft, name: string, value: string, baseUrl: string): QueryRefusal | undefined {
  const { date, tokens, references } = searchedType(draft.type);
  if (name === "identifier" || Object.hasOwn(tokens, name)) {
    const keys = alternatives(value).map((token) => searchKey(draft.type, name, token));
    if (keys.length > MAX_ALTERNATIVES) return { code: "too-costly", diagnostics: `too many alternatives: ${name}` };
    draft.conditions.push({ kind: "keys", keys });
    return undefined;
  }
  if (name === date?.name || name === "date") {
    return date === undefined ? unsupported(name) : addDates(draft, "date", name, value);
  }
  if (PATIENT_IDENTIFIER.test(name) && (draft.type !== "Patient" || references.patient !== undefined)) {
    const keys = alternatives(value).map((token) => searchKey("Patient", "identifier", token));
    draft.conditions.push({ kind: "patient-identifier", keys });
    return undefined;
  }
  const [parameter = "", modifier] = name.split(":");
  if (Object.hasOwn(references, parameter)) {
    const targets = alternatives(value).map((one) => {
      const reference = parseReference(one, baseUrl);
      return reference ?? { type: modifier ?? (parameter === "patient" ? "Patient" : undefined), id: one };
    });
    draft.conditions.push({ kind: "reference", parameter, targets });
    return undefined;
  }
  return unsupported(name);
}

function addDates(draft: Draft, kind: "date" | "updated", name: string, value: string): QueryRefusal | undefined {
  const dates = alternatives(value).map(parseDateSearch);
  const known = dates.filter((date) => date !== undefined);
  if (known.length !== dates.length || known.length === 0)
    return { code: "value", diagnostics: `${name} is not a FHIR date` };
  draft.conditions.push({ kind, dates: known });
  return undefined;
}

/** What commas separate; a comma after a backslash is part of the value (§3.1.1.4.3). */
function alternatives(value: string): readonly string[] {
  return value
    .split(/(?<!\\),/)
    .map((one) => one.replaceAll(/\\([,$|\\])/g, "$1"))
    .filter((one) => one !== "");
}

const unsupported = (name: string): QueryRefusal => ({
  code: "not-supported",
  diagnostics: `search parameter not understood: ${name}`,
});
const wrong = (name: string): QueryRefusal => ({ code: "value", diagnostics: `${name} has a value that is none` });

function refuse(code: QueryRefusal["code"], diagnostics: string): Result<never, QueryRefusal> {
  return err({ code, diagnostics });
}
