/** What can be written: a `NumberText` becomes a number literal with the decimals that it was made from. */
export type Json = string | boolean | NumberText | readonly Json[] | { readonly [name: string]: Json | undefined };

/** A number as its source wrote it, made a JSON literal without going through a float (FHIR R4 decimal: 6.50 is not 6.5). */
export class NumberText {
  readonly literal: string;

  private constructor(literal: string) {
    this.literal = literal;
  }

  /** `undefined` unless the text is a decimal number. Leading zeros and a plus sign go, decimals stay. */
  static parse(text: string): NumberText | undefined {
    const match = /^([+-]?)0*(\d*)(?:\.(\d*))?$/.exec(text.trim());
    if (match === null || !/\d/.test(text) || text.length > 64) return undefined;
    const [, sign, whole = "", fraction = ""] = match;
    return new NumberText(`${sign === "-" ? "-" : ""}${whole || "0"}${fraction === "" ? "" : `.${fraction}`}`);
  }
}

/** JSON text; members that are `undefined` are left out. */
export function writeJson(value: Json): string {
  if (value instanceof NumberText) return value.literal;
  if (typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(writeJson).join(",")}]`;
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}:${writeJson(member)}`],
  );
  return `{${members.join(",")}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
