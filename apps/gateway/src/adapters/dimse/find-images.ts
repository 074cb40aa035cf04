import type { Bytes } from "@caseroom/contract";
import { type JsonAttribute, type JsonDataSet, writeDataSet } from "@caseroom/dicom";
import type postgres from "postgres";
import { qidoResult } from "../../features/imaging/qido-answer.ts";
import { type QidoLevel, RETURNED } from "../../features/imaging/qido-attributes.ts";
import { parseHeader } from "../../features/imaging/qido-header.ts";
import { type QidoQuery, queryOfKeys } from "../../features/imaging/qido-query.ts";
import { searchImages } from "../../features/imaging/qido-search.ts";
import { type FoundPatient, searchPatients } from "../../features/imaging/query-patients.ts";
import { type QueryKeys, type QueryLevel, readQueryKeys } from "./query-keys.ts";
import type { DimseQuery, DimseServices, DimseStatus } from "./services.ts";

/** Status of a C-FIND (PS3.4 table C.4-1). */
const SUCCESS: DimseStatus = { status: 0x0000 };
const PENDING: DimseStatus = { status: 0xff00 };
/** Pending, and a key that was asked for was not compared. */
const PENDING_UNSUPPORTED: DimseStatus = { status: 0xff01 };
const CANCELLED: DimseStatus = { status: 0xfe00, comment: "ended by request" };
const OUT_OF_RESOURCES = 0xa700;
const NOT_OF_THIS_CLASS = 0xa900;
const CANNOT_UNDERSTAND = 0xc000;

const PAGE = 200;
/** Nobody reads more; a list that ends without a word would be taken for all there is. */
const MAX_MATCHES = 10_000;

const UPPER: Readonly<Record<QueryLevel, readonly QidoLevel[]>> = {
  patient: ["study"],
  study: ["study"],
  series: ["study", "series"],
  instance: ["study", "series", "instance"],
};
const LEVEL_WORD: Readonly<Record<QueryLevel, string>> = {
  patient: "PATIENT",
  study: "STUDY",
  series: "SERIES",
  instance: "IMAGE",
};

/**
 * C-FIND (PS3.4 §C.4.1) by the search of QIDO-RS: the same images, compared in the same way. A query may leave out the keys above its level,
 * as with relational queries: peers that do have no other way to ask, and to those that do not it makes no difference.
 */
export async function findImages(
  deps: { readonly sql: postgres.Sql; readonly aet: string },
  query: DimseQuery,
  onMatch: Parameters<DimseServices["find"]>[1],
): Promise<DimseStatus> {
  const keys = readQueryKeys(query);
  if (!keys.ok)
    return keys.error.code === "CONTEXT_MISMATCH"
      ? { status: NOT_OF_THIS_CLASS, comment: "no such query level" }
      : { status: CANNOT_UNDERSTAND, comment: "the keys cannot be read" };
  const parsed = queryOfKeys(keys.value.values);
  if ("wrong" in parsed) return { status: NOT_OF_THIS_CLASS, comment: `key not understood: ${parsed.wrong}` };
  const pending = parsed.query.warnings.length === 0 ? PENDING : PENDING_UNSUPPORTED;
  for (let offset = 0; offset < MAX_MATCHES; offset += PAGE) {
    const page = await searchPage(deps.sql, keys.value, { ...parsed.query, limit: PAGE, offset });
    for (const match of page)
      if (!(await onMatch(pending, writeMatch(deps.aet, query, keys.value, match)))) return CANCELLED;
    if (page.length < PAGE) return SUCCESS;
  }
  return { status: OUT_OF_RESOURCES, comment: `more than ${MAX_MATCHES} matches: ask for less` };
}

async function searchPage(sql: postgres.Sql, keys: QueryKeys, query: QidoQuery): Promise<readonly JsonDataSet[]> {
  const { level } = keys;
  if (level === "patient") return (await searchPatients(sql, query)).map((one) => patientResult(one, query.includes));
  const found = await searchImages(sql, level, {}, query);
  return found.map((one) => qidoResult(one, { level, levels: UPPER[level], includes: query.includes, baseUrl: "" }));
}

function patientResult(found: FoundPatient, includes: QidoQuery["includes"]): JsonDataSet {
  const header = parseHeader(found.header);
  const result: Record<string, JsonAttribute> = {};
  for (const tag of includes === "all" ? [] : includes) {
    const attribute = header.get(tag);
    if (attribute !== undefined) result[tag] = attribute;
  }
  result["00201200"] = { vr: "IS", Value: [found.studies] };
  result["00201202"] = { vr: "IS", Value: [found.series] };
  result["00201204"] = { vr: "IS", Value: [found.instances] };
  return result;
}

/** What was asked for and nothing else (PS3.4 §C.4.1.1.3.2); what is not known is there without a value. */
function writeMatch(aet: string, { transferSyntax }: DimseQuery, keys: QueryKeys, match: JsonDataSet): Bytes {
  const { level, asked, characterSet } = keys;
  const answer: Record<string, JsonAttribute> = {
    "00080052": { vr: "CS", Value: [LEVEL_WORD[level]] },
    "00080054": { vr: "AE", Value: [aet] },
    "00080056": { vr: "CS", Value: ["ONLINE"] },
  };
  for (const [tag, { vr }] of asked) answer[tag] = (isOfLevel(tag, level) ? match[tag] : undefined) ?? { vr };
  return writeDataSet(answer, transferSyntax, characterSet);
}

const BELOW: Readonly<Record<QidoLevel, ReadonlySet<string>>> = {
  study: tagsOf("series", "instance"),
  series: tagsOf("instance"),
  instance: new Set(),
};

function tagsOf(...levels: readonly QidoLevel[]): ReadonlySet<string> {
  return new Set(levels.flatMap((level) => RETURNED[level].map(([tag]) => tag)));
}

/** What one instance says of itself is not true of its study; of a patient only what stands in the patient module. */
function isOfLevel(tag: string, level: QueryLevel): boolean {
  if (level === "patient") return tag.startsWith("0010") || tag.startsWith("002012");
  return !BELOW[level].has(tag);
}
