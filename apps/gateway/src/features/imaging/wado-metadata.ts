import { parseHeader } from "./qido-header.ts";

/** The metadata of an instance (PS3.18 §10.4.1.1.2): its header as it was kept, in which numbers keep their digits, and where its pixels are. */
export function metadataOf(
  row: {
    readonly study: string;
    readonly series: string;
    readonly sop: string;
    readonly transferSyntax: string;
    readonly header: string;
  },
  baseUrl: string,
): string {
  const members = row.header.trim().replace(/^\{/, "").replace(/\}$/, "").trim();
  const header = parseHeader(row.header);
  const added: string[] = [];
  if (!header.has("00083002")) added.push(`"00083002":{"vr":"UI","Value":[${JSON.stringify(row.transferSyntax)}]}`);
  if (header.has("00280010")) {
    const url = `${baseUrl}/studies/${row.study}/series/${row.series}/instances/${row.sop}/bulkdata`;
    const bits = Number(header.get("00280100")?.Value?.[0] ?? 16);
    added.push(`"7FE00010":{"vr":"${bits > 8 ? "OW" : "OB"}","BulkDataURI":${JSON.stringify(url)}}`);
  }
  return `{${[members, ...added].filter((part) => part !== "").join(",")}}`;
}

/** A JSON array, one element at a time. */
export async function* jsonArray(elements: AsyncIterable<string>): AsyncGenerator<string> {
  let isFirst = true;
  for await (const element of elements) {
    yield `${isFirst ? "[" : ",\n"}${element}`;
    isFirst = false;
  }
  yield isFirst ? "[]" : "]";
}
