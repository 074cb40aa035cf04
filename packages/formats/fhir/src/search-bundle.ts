import { sliceMembers } from "@caseroom/clinical";
import { InvariantError, parseJson } from "@caseroom/contract";

/**
 * The answer to a search (FHIR R4 §3.1.1.1.9, Bundle of type searchset) around resources that are passed on unchanged.
 * `resources` are JSON texts that were read before; `total` counts all matches, not only those of this page.
 */
export function toSearchBundle(input: {
  readonly baseUrl: string;
  readonly resources: readonly string[];
  readonly total: number;
  readonly selfUrl: string;
}): string {
  const base = input.baseUrl.replace(/\/+$/, "");
  const entries = input.resources.map((json) => {
    const members = sliceMembers(json.trim());
    const type = textMember(members, "resourceType");
    const id = textMember(members, "id");
    if (type === undefined) throw new InvariantError("a search result is not a resource");
    const fullUrl = id === undefined ? "" : `"fullUrl":${JSON.stringify(`${base}/${type}/${id}`)},`;
    return `{${fullUrl}"resource":${json.trim()},"search":{"mode":"match"}}`;
  });
  const link = JSON.stringify([{ relation: "self", url: input.selfUrl }]);
  const list = entries.length === 0 ? "" : `,"entry":[${entries.join(",")}]`;
  return `{"resourceType":"Bundle","type":"searchset","total":${Math.max(0, Math.trunc(input.total))},"link":${link}${list}}`;
}

function textMember(members: ReadonlyMap<string, string>, name: string): string | undefined {
  const parsed = parseJson(members.get(name) ?? "null");
  return parsed.ok && typeof parsed.value === "string" ? parsed.value : undefined;
}
