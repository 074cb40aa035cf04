import { tagOf } from "./qido-attributes.ts";

/** A search of QIDO-RS (PS3.18 §10.6.1.2) as it was understood. */
export type QidoQuery = {
  /** By tag: any of the values. */
  readonly matches: ReadonlyMap<string, readonly string[]>;
  readonly includes: "all" | readonly string[];
  readonly limit: number;
  readonly offset: number;
  /** What could not be done as asked, for a Warning header. */
  readonly warnings: readonly string[];
};

export const MAX_RESULTS = 1000;
/** Each is one comparison more for every series; of UIDs all are compared at once. */
const MAX_VALUES = 256;
const MAX_UIDS = 10_000;
const MAX_VALUE = 8192;
/** Those by which the store can search. Others are left out of the comparison, which a warning says. */
const SEARCHED = new Set([
  "00080016",
  "00080018",
  "00080020",
  "00080030",
  "00080050",
  "00080060",
  "00080061",
  "00080090",
  "00081030",
  "0008103E",
  "00100010",
  "00100020",
  "00100030",
  "00180015",
  "0020000D",
  "0020000E",
  "00200010",
  "00200011",
  "00200013",
]);
const UIDS = new Set(["0020000D", "0020000E", "00080018", "00080016"]);
const NAMES = new Set(["00100010", "00080090"]);

type Draft = {
  readonly matches: Map<string, readonly string[]>;
  readonly warnings: string[];
  includes: QidoQuery["includes"];
  limit: number;
  offset: number;
};

/** The query of a URL, or the name of the parameter that is none. */
export function parseQidoQuery(search: URLSearchParams): { readonly query: QidoQuery } | { readonly wrong: string } {
  const draft: Draft = { matches: new Map(), warnings: [], includes: [], limit: MAX_RESULTS, offset: 0 };
  for (const [name, value] of search) if (!takeParameter(draft, name, value)) return { wrong: name.slice(0, 64) };
  return { query: draft };
}

/** The same search by the keys of a C-FIND (PS3.4 §C.2.2.2): tags, and values as they are written in a data set. Or the key that is none. */
export function queryOfKeys(
  keys: ReadonlyMap<string, string>,
): { readonly query: QidoQuery } | { readonly wrong: string } {
  const draft: Draft = { matches: new Map(), warnings: [], includes: [...keys.keys()], limit: MAX_RESULTS, offset: 0 };
  for (const [tag, value] of keys) if (value !== "" && !takeMatch(draft, tag, value)) return { wrong: tag };
  return { query: draft };
}

/** False: not a parameter, or not a value of it. */
function takeParameter(draft: Draft, name: string, value: string): boolean {
  switch (name.toLowerCase()) {
    case "limit":
    case "offset": {
      const count = /^\d{1,9}$/.test(value) ? Number(value) : undefined;
      if (count === undefined) return false;
      if (name.toLowerCase() === "limit") draft.limit = Math.min(MAX_RESULTS, count);
      else draft.offset = count;
      return true;
    }
    case "fuzzymatching":
      if (value === "true")
        draft.warnings.push("fuzzy matching is not supported, only literal matching has been performed");
      return true;
    case "includefield":
      draft.includes = includeMore(draft.includes, value);
      return true;
    case "accept":
    case "charset":
      return true;
    default:
      return takeMatch(draft, name, value);
  }
}

function takeMatch({ matches, warnings }: Draft, name: string, value: string): boolean {
  const tag = tagOf(name.split(".")[0] ?? "");
  if (tag === undefined || value.includes("\0")) return false;
  if (!SEARCHED.has(tag) || name.includes(".")) warnings.push(`${tag} was not used for matching`);
  else if (value !== "" && value !== "*") {
    const values = valuesOf(tag, value);
    if (values.length > (UIDS.has(tag) ? MAX_UIDS : MAX_VALUES) || values.some((one) => one.length > MAX_VALUE))
      return false;
    matches.set(tag, values);
  }
  return true;
}

/** A list of UIDs is separated by commas or backslashes (PS3.18 §8.3.4.2); in other values a comma may be part of a name. */
function valuesOf(tag: string, value: string): readonly string[] {
  if (UIDS.has(tag)) return value.split(/[,\\]/).filter((uid) => uid !== "");
  const values = value.split("\\");
  return NAMES.has(tag) ? values.map(nameOf) : values;
}

/** Names are kept by component groups; empty components at the end say nothing (PS3.5 §6.2.1.1). */
function nameOf(value: string): string {
  const group = value.split("=").find((one) => one !== "") ?? "";
  return group.replace(/[\^ ]+$/, "");
}

function includeMore(includes: QidoQuery["includes"], value: string): QidoQuery["includes"] {
  if (includes === "all" || value === "all") return "all";
  return [...includes, ...value.split(",").flatMap((name) => tagOf(name.trim()) ?? [])].slice(0, 512);
}
