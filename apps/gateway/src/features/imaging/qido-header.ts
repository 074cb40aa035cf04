import { parseJson } from "@caseroom/contract";

/** One attribute of DICOM JSON (PS3.18 §F.2.2). */
export type Attribute = { readonly vr: string; readonly Value?: readonly unknown[]; readonly [key: string]: unknown };
export type Header = ReadonlyMap<string, Attribute>;

/** A header as it was kept; empty when it is none. */
export function parseHeader(json: string): Header {
  const parsed = parseJson(json);
  const header = new Map<string, Attribute>();
  if (!parsed.ok || typeof parsed.value !== "object" || parsed.value === null) return header;
  for (const [tag, attribute] of Object.entries(parsed.value))
    if (isAttribute(attribute)) header.set(tag.toUpperCase(), attribute);
  return header;
}

function isAttribute(value: unknown): value is Attribute {
  return typeof value === "object" && value !== null && "vr" in value && typeof value.vr === "string";
}

/** The first value as text; `undefined` when there is none. */
export function firstText(header: Header, tag: string): string | undefined {
  const value = header.get(tag)?.Value?.[0];
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" ? value.replaceAll("\0", "").trim() : "";
  return text === "" ? undefined : text;
}

/** Every written form of a person's name: alphabetic, ideographic, phonetic (PS3.5 §6.2). */
export function namesOf(header: Header, tag: string): readonly string[] {
  return (header.get(tag)?.Value ?? []).flatMap((value) =>
    typeof value === "object" && value !== null
      ? Object.values(value).flatMap((name) => (typeof name === "string" ? [name.replaceAll("\0", "")] : []))
      : [],
  );
}
