const SEX = new Map([
  ["M", "male"],
  ["F", "female"],
  ["O", "other"],
]);

/** Whom the images are of (PS3.3 §C.7.1.1). `text` gives the first value of an element, or "". */
export function readPatient(text: (tag: number) => string) {
  const id = text(0x0010_0020);
  const issuer = text(0x0010_0021);
  const birthDate = isoDate(text(0x0010_0030));
  const sex = SEX.get(text(0x0010_0040).toUpperCase());
  return {
    ...(id === "" ? {} : { id }),
    ...(issuer === "" ? {} : { issuer }),
    name: displayName(text(0x0010_0010)),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(sex === undefined ? {} : { sex }),
  };
}

/** A name as people write it: given, middle, family of the alphabetic group; a name in ideographs alone keeps its family name in front. */
export function displayName(value: string): string {
  const [alphabetic = "", ideographic = "", phonetic = ""] = value.split("=");
  if (alphabetic.trim() !== "") {
    const [family, given, middle] = alphabetic.split("^");
    return joined([given, middle, family]);
  }
  const [family, given] = (ideographic.trim() === "" ? phonetic : ideographic).split("^");
  return joined([family, given]);
}

/** A DA value as an ISO date; also the form with dots of before 1993. `undefined` when there is no such day. */
export function isoDate(value: string): string | undefined {
  const match = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(value);
  if (match === null) return undefined;
  const date = `${match[1]}-${match[2]}-${match[3]}`;
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date) ? date : undefined;
}

/** A TM value as an ISO time of day, to the second. `undefined` when the hour or minute is missing or there is no such time. */
export function isoTime(value: string): string | undefined {
  const match = /^(\d{2}):?(\d{2})(?::?(\d{2})(?:\.\d+)?)?$/.exec(value);
  if (match === null) return undefined;
  const [, hour = "", minute = "", second = "00"] = match;
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 61 ? `${hour}:${minute}:${second}` : undefined;
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts
    .map((part) => part?.trim() ?? "")
    .filter((part) => part !== "")
    .join(" ");
}
