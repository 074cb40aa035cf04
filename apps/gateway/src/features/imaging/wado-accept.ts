/** What a client takes, by Accept header or parameter (PS3.18 §8.7): each range with its parameters in lower case. */
export type Accepted = {
  readonly isMultipart: boolean;
  /** Of the part when it is multipart. */
  readonly mediaType: string;
  readonly transferSyntax: string | undefined;
};

/** Ranges in the order in which they stand, those with q=0 left out. No header at all accepts anything. */
export function parseAccept(header: string | undefined): readonly Accepted[] {
  if (header === undefined || header.trim() === "")
    return [{ isMultipart: false, mediaType: "*/*", transferSyntax: undefined }];
  return splitOutsideQuotes(header.slice(0, 4096), ",").flatMap((range) => {
    const [type = "", ...rest] = splitOutsideQuotes(range, ";").map((part) => part.trim());
    const parameters = new Map(
      rest.map((part) => {
        const [name = "", value = ""] = part.split(/=(.*)/s);
        return [
          name.trim().toLowerCase(),
          value
            .trim()
            .replace(/^"(.*)"$/, "$1")
            .toLowerCase(),
        ];
      }),
    );
    if (Number(parameters.get("q") ?? "1") === 0) return [];
    const isMultipart = type.toLowerCase() === "multipart/related";
    const mediaType = isMultipart ? (parameters.get("type") ?? "*/*") : type.toLowerCase();
    return [{ isMultipart, mediaType, transferSyntax: parameters.get("transfer-syntax") }];
  });
}

/** Whether a media type is in a range such as image/*, or any. */
export function coversType(range: string, mediaType: string): boolean {
  if (range === "*/*" || range === "*" || range === mediaType) return true;
  return range.endsWith("/*") && mediaType.startsWith(range.slice(0, -1));
}

/** Which of the ranges takes this as it is kept: nothing is transcoded, so that a transfer syntax must be this one, any, or none named. */
export function acceptsStored(
  accepted: readonly Accepted[],
  stored: { readonly mediaType: string; readonly transferSyntax: string },
): Accepted | undefined {
  return accepted.find(
    ({ mediaType, transferSyntax }) =>
      coversType(mediaType, stored.mediaType) &&
      (transferSyntax === undefined || transferSyntax === "*" || transferSyntax === stored.transferSyntax),
  );
}

function splitOutsideQuotes(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let current = "";
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === separator && !isQuoted) {
      parts.push(current);
      current = "";
    } else current += character;
  }
  return [...parts, current];
}
