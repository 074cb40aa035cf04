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
const MAX_VALUES = 256;
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
  if (tag === undefined || value.length > 8192 || value.includes("\0")) return false;
  if (!SEARCHED.has(tag) || name.includes(".")) warnings.push(`${tag} was not used for matching`);
  else if (value !== "" && value !== "*") matches.set(tag, valuesOf(tag, value));
  return true;
}

/** A list of UIDs is separated by commas or backslashes (PS3.18 §8.3.4.2); in other values a comma may be part of a name. */
function valuesOf(tag: string, value: string): readonly string[] {
  return UIDS.has(tag)
    ? value
        .split(/[,\\]/)
        .filter((uid) => uid !== "")
        .slice(0, MAX_VALUES)
    : value.split("\\").slice(0, MAX_VALUES);
}

function includeMore(includes: QidoQuery["includes"], value: string): QidoQuery["includes"] {
  if (includes === "all" || value === "all") return "all";
  return [...includes, ...value.split(",").flatMap((name) => tagOf(name.trim()) ?? [])].slice(0, 512);
}
