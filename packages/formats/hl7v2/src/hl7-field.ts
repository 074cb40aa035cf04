import type { Hl7Segment } from "@medplum/core";

/**
 * Reading a parsed segment without exceptions: fields, components and subcomponents count from 1 as in the standard,
 * repetitions too. Nothing, an empty text and the HL7 null (`""`) all read as `undefined`.
 */
export type Components = readonly string[];

/** The repetitions of a field that say anything. */
export function repetitions(segment: Hl7Segment | undefined, field: number): readonly Components[] {
  const parsed = segment?.getField(field);
  return (parsed?.components ?? []).filter((components) => components.some((text) => present(text) !== undefined));
}

/** One component of the first repetition, escapes decoded. */
export function component(segment: Hl7Segment | undefined, field: number, position: number): string | undefined {
  return textAt(segment, repetitions(segment, field)[0], position);
}

/** One component of a repetition, escapes decoded; its first subcomponent. */
export function textAt(
  segment: Hl7Segment | undefined,
  components: Components | undefined,
  position: number,
): string | undefined {
  if (segment === undefined) return undefined;
  const raw = components?.[position - 1];
  const separator = segment.context.subcomponentSeparator;
  const first = raw === undefined || separator === "" ? raw : raw.split(separator)[0];
  return present(unescapeText(segment, first ?? ""));
}

/** A whole repetition as a person reads it: for text, whose separators are part of it. */
export function wholeText(segment: Hl7Segment, components: Components): string | undefined {
  return present(unescapeText(segment, components.join(segment.context.componentSeparator)));
}

function present(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed === "" || trimmed === '""' ? undefined : trimmed;
}

/** HL7 v2.5.1 §2.7: escape sequences of text. An unknown one stays as it was written. */
function unescapeText(segment: Hl7Segment, text: string): string {
  const { context } = segment;
  const mark = context.escapeCharacter;
  if (mark === "" || !text.includes(mark)) return text;
  const parts = text.split(mark);
  let plain = parts[0] ?? "";
  for (let at = 1; at < parts.length; at += 2) {
    const sequence = parts[at] ?? "";
    if (at + 1 >= parts.length) return plain + mark + sequence;
    plain += decodeSequence(sequence, context) ?? mark + sequence + mark;
    plain += parts[at + 1] ?? "";
  }
  return plain;
}

function decodeSequence(sequence: string, context: Hl7Segment["context"]): string | undefined {
  if (/^\.(br|sp|ce)\b/.test(sequence)) return "\n";
  if (/^\.(in|ti|sk|fi|nf)/.test(sequence)) return "";
  if (/^X([0-9A-Fa-f]{2})+$/.test(sequence)) return decodeBytes(Buffer.from(sequence.slice(1), "hex"));
  switch (sequence) {
    case "F":
      return context.fieldSeparator;
    case "S":
      return context.componentSeparator;
    case "T":
      return context.subcomponentSeparator;
    case "R":
      return context.repetitionSeparator;
    case "E":
      return context.escapeCharacter;
    case "H":
    case "N":
      return "";
    default:
      return undefined;
  }
}

/** UTF-8 where the bytes are that, else ISO 8859-1; the standard leaves it to the two systems. */
function decodeBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return String.fromCharCode(...bytes);
  }
}
