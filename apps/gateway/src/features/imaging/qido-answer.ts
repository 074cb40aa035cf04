import { OPTIONAL, type QidoLevel, RETURNED } from "./qido-attributes.ts";
import { type Attribute, type Header, parseHeader } from "./qido-header.ts";
import type { QidoQuery } from "./qido-query.ts";
import type { QidoFound } from "./qido-search.ts";

type Result = Record<string, Attribute>;

/** Levels whose attributes a search returns: those above too where the path does not already name them (PS3.18 §10.6.3.3). */
export function levelsReturned(level: QidoLevel, isStudyGiven: boolean, isSeriesGiven: boolean): readonly QidoLevel[] {
  if (level === "study") return ["study"];
  const study: readonly QidoLevel[] = isStudyGiven ? [] : ["study"];
  if (level === "series") return [...study, "series"];
  return [...study, ...(isSeriesGiven ? ([] as const) : (["series"] as const)), "instance"];
}

/** One result of a search in DICOM JSON. `baseUrl` is where DICOMweb is, without a slash at the end. */
export function qidoResult(
  found: QidoFound,
  input: {
    readonly level: QidoLevel;
    readonly levels: readonly QidoLevel[];
    readonly includes: QidoQuery["includes"];
    readonly baseUrl: string;
  },
): Result {
  const { level, levels, includes, baseUrl } = input;
  const header = parseHeader(found.header);
  const result: Result = {};
  const put = (tag: string, vr: string, ...values: readonly (string | number)[]) => {
    result[tag] = values.length === 0 ? { vr } : { vr, Value: values };
  };
  for (const tag of wanted(level, includes, header)) {
    const attribute = header.get(tag);
    if (attribute !== undefined) result[tag] = attribute;
  }
  for (const one of levels) takeReturned(result, header, one);
  put("00080056", "CS", "ONLINE");
  put("0020000D", "UI", found.study);
  if (level !== "study") put("0020000E", "UI", found.series);
  if (levels.includes("study")) {
    put("00080061", "CS", ...[...found.modalities].sort());
    if (found.sopClasses.length > 0) put("00080062", "UI", ...[...found.sopClasses].sort());
  }
  if (level !== "instance" && levels.includes("study")) put("00201206", "IS", found.seriesCount);
  if (level === "study") put("00201208", "IS", found.instanceCount);
  if (level === "series") put("00201209", "IS", found.instanceCount);
  if (level === "instance") put("00083002", "UI", found.transferSyntax);
  put("00081190", "UR", `${baseUrl}${pathOf(level, found)}`);
  return Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function takeReturned(result: Result, header: Header, level: QidoLevel): void {
  for (const [tag, vr] of RETURNED[level]) {
    const attribute = header.get(tag);
    if (attribute !== undefined) result[tag] = attribute;
    else if (!OPTIONAL.has(tag)) result[tag] = { vr };
  }
}

/** What a client asks for beside; an attribute of an instance says nothing of its study. */
function wanted(level: QidoLevel, includes: QidoQuery["includes"], header: Header): readonly string[] {
  if (includes !== "all") return includes;
  const isUpper = (tag: string) => tag < "00180000" || tag.startsWith("0020000") || tag.startsWith("0020001");
  return [...header.keys()].filter(
    (tag) => level === "instance" || (isUpper(tag) && tag !== "00080016" && tag !== "00080018"),
  );
}

function pathOf(level: QidoLevel, { study, series, sop }: QidoFound): string {
  const path = `/studies/${study}`;
  if (level === "study") return path;
  return level === "series" ? `${path}/series/${series}` : `${path}/series/${series}/instances/${sop}`;
}
