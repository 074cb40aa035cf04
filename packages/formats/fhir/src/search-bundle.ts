/** One resource of an answer: its text is passed on unchanged. */
export type BundleEntry = {
  readonly fullUrl: string;
  readonly json: string;
  readonly mode: "match" | "include" | "outcome";
};

export type BundleLink = { readonly relation: "self" | "first" | "next"; readonly url: string };

/**
 * The answer to a search (FHIR R4 §3.1.1.1.9, Bundle of type searchset) around resources that are passed on unchanged.
 * `total` counts all matches, not only those of this page; it is left out when nobody counted.
 */
export function toSearchBundle(input: {
  readonly entries: readonly BundleEntry[];
  readonly total: number | undefined;
  readonly links: readonly BundleLink[];
}): string {
  const entries = input.entries.map(({ fullUrl, json, mode }) => {
    const url = mode === "outcome" ? "" : `"fullUrl":${JSON.stringify(fullUrl)},`;
    return `{${url}"resource":${json.trim()},"search":{"mode":"${mode}"}}`;
  });
  return bundleText("searchset", { ...input, entries });
}

/** One version of a resource, or its deletion, as a history tells it. */
export type HistoryEntry = {
  readonly fullUrl: string;
  /** Absent for a deletion. */
  readonly json: string | undefined;
  readonly method: "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly etag: string;
  readonly lastUpdated: string;
};

/** The versions of a resource, newest first (FHIR R4 §3.1.0.10.6, Bundle of type history). */
export function toHistoryBundle(input: {
  readonly entries: readonly HistoryEntry[];
  readonly total: number;
  readonly links: readonly BundleLink[];
}): string {
  const entries = input.entries.map((entry) => {
    const resource = entry.json === undefined ? "" : `"resource":${entry.json.trim()},`;
    const request = JSON.stringify({ method: entry.method, url: entry.url });
    const status = entry.method === "POST" ? "201" : entry.method === "DELETE" ? "204" : "200";
    const response = JSON.stringify({ status, etag: entry.etag, lastModified: entry.lastUpdated });
    return `{"fullUrl":${JSON.stringify(entry.fullUrl)},${resource}"request":${request},"response":${response}}`;
  });
  return bundleText("history", { ...input, entries });
}

/** What became of one entry of a transaction or batch. */
export type ResponseEntry = {
  readonly status: string;
  readonly location?: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** The resource that a read or a search within the bundle answered. */
  readonly json?: string;
  /** The OperationOutcome of an entry that failed. */
  readonly outcome?: string;
};

/** The answer to a transaction or batch, entry by entry in the order of the request (FHIR R4 §3.1.0.11). */
export function toResponseBundle(
  type: "transaction-response" | "batch-response",
  responses: readonly ResponseEntry[],
): string {
  const entries = responses.map(({ json, outcome, ...response }) => {
    const text = JSON.stringify(response);
    const whole = outcome === undefined ? text : `${text.slice(0, -1)},"outcome":${outcome}}`;
    return `{${json === undefined ? "" : `"resource":${json.trim()},`}"response":${whole}}`;
  });
  return bundleText(type, { entries, total: undefined, links: [] });
}

function bundleText(
  type: string,
  bundle: {
    readonly entries: readonly string[];
    readonly total: number | undefined;
    readonly links: readonly BundleLink[];
  },
): string {
  const total = bundle.total === undefined ? "" : `,"total":${Math.max(0, Math.trunc(bundle.total))}`;
  const link = bundle.links.length === 0 ? "" : `,"link":${JSON.stringify(bundle.links)}`;
  const list = bundle.entries.length === 0 ? "" : `,"entry":[${bundle.entries.join(",")}]`;
  return `{"resourceType":"Bundle","type":"${type}"${total}${link}${list}}`;
}
