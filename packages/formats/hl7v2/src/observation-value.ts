import { type Json, NumberText } from "@caseroom/clinical";
import { utf8ToBytes } from "@caseroom/contract";
import type { Hl7Segment } from "@medplum/core";
import { codeSystem, conceptOf } from "./coded-value.ts";
import { component, repetitions, textAt, wholeText } from "./hl7-field.ts";
import { toFhirDateTime } from "./hl7-time.ts";
import type { MessageContext } from "./message-context.ts";

type ValueElement = { readonly [element: `value${string}`]: Json | undefined };

const CODED = new Set(["CE", "CWE", "CNE", "CF", "IS", "ID"]);
const COMPARATORS = new Set(["<", "<=", ">=", ">"]);

/**
 * OBX-5 by its type in OBX-2 (HL7 v2.5.1 §7.4.2.5) as the one `value[x]` of an Observation; nothing when there is none.
 * Several OBX are the lines of one text.
 */
export function observationValue(lines: readonly Hl7Segment[], context: MessageContext): ValueElement {
  const [obx] = lines;
  if (obx === undefined) return {};
  const values = repetitions(obx, 5);
  const type = component(obx, 2, 1) ?? "ST";
  if (lines.length === 1 && values.length === 1) {
    const typed = typedValue(obx, type, context);
    if (typed !== undefined) return typed;
  }
  const isCoded = CODED.has(type);
  const texts = lines.flatMap((line) =>
    repetitions(line, 5).flatMap(
      (components) => (isCoded ? textAt(line, components, 2) : undefined) ?? wholeText(line, components) ?? [],
    ),
  );
  const text = texts.join("\n");
  return text === "" ? {} : { valueString: text };
}

function typedValue(obx: Hl7Segment, type: string, context: MessageContext): ValueElement | undefined {
  const [first] = repetitions(obx, 5);
  switch (type) {
    case "NM":
      return numericValue(obx, textAt(obx, first, 1) ?? "");
    case "SN":
      return structuredNumeric(obx);
    case "CE":
    case "CWE":
    case "CNE":
    case "CF": {
      const concept = conceptOf(obx, first, context);
      return concept === undefined ? undefined : { valueCodeableConcept: concept };
    }
    case "DT":
    case "TS":
    case "DTM": {
      const time = toFhirDateTime(textAt(obx, first, 1), context.zone);
      return time === undefined ? undefined : { valueDateTime: time };
    }
    case "TM": {
      const [, hour, minute, second = "00"] = /^(\d{2})(\d{2})(\d{2})?/.exec(textAt(obx, first, 1) ?? "") ?? [];
      return hour === undefined ? undefined : { valueTime: `${hour}:${minute}:${second}` };
    }
    default:
      return undefined;
  }
}

/** NM, and the `<5` that laboratories put there although the type has no room for it. */
function numericValue(obx: Hl7Segment, text: string): ValueElement | undefined {
  const [, comparator = "", number = ""] = /^([<>]=?)?\s*(.*)$/.exec(text) ?? [];
  const value = NumberText.parse(number);
  if (value === undefined) return undefined;
  return { valueQuantity: { value, comparator: comparator === "" ? undefined : comparator, ...unitOf(obx) } };
}

/** SN (HL7 v2.5.1 §2.A.73): comparator ^ number ^ separator ^ number. */
function structuredNumeric(obx: Hl7Segment): ValueElement | undefined {
  const [parts] = repetitions(obx, 5);
  const comparator = textAt(obx, parts, 1) ?? "";
  const value = NumberText.parse(textAt(obx, parts, 2) ?? "");
  const separator = textAt(obx, parts, 3);
  const second = NumberText.parse(textAt(obx, parts, 4) ?? "");
  if (value === undefined) return undefined;
  if (separator === undefined && second === undefined) {
    if (comparator !== "" && comparator !== "=" && !COMPARATORS.has(comparator)) return sentence([comparator, value]);
    return {
      valueQuantity: { value, comparator: COMPARATORS.has(comparator) ? comparator : undefined, ...unitOf(obx) },
    };
  }
  if (separator === "-" && second !== undefined && comparator === "")
    return { valueRange: { low: { value, ...unitOf(obx) }, high: { value: second, ...unitOf(obx) } } };
  if ((separator === ":" || separator === "/") && second !== undefined && comparator === "")
    return { valueRatio: { numerator: { value }, denominator: { value: second } } };
  return sentence([comparator, value, separator ?? "", second]);
}

function sentence(parts: readonly (string | NumberText | undefined)[]): ValueElement {
  return { valueString: parts.map((part) => (part instanceof NumberText ? part.literal : (part ?? ""))).join("") };
}

/** OBX-6. A code of UCUM is one only where the sender says so. */
function unitOf(obx: Hl7Segment): { readonly [name: string]: Json | undefined } {
  const code = component(obx, 6, 1);
  const text = component(obx, 6, 2);
  if (code !== undefined && component(obx, 6, 3)?.toUpperCase() === "UCUM")
    return { unit: code, system: codeSystem("UCUM", ""), code };
  return { unit: code ?? text };
}

/** OBX-7 as the laboratory wrote it, with numbers where it is numbers: `4.0-5.6`, `<5`, `>=60`. */
export function referenceRange(obx: Hl7Segment): Json | undefined {
  const [parts] = repetitions(obx, 7);
  const text = parts === undefined ? undefined : wholeText(obx, parts);
  if (text === undefined) return undefined;
  const between = /^(-?[\d.]+)\s*[-–]\s*(-?[\d.]+)$/.exec(text);
  const oneSided = /^([<>])=?\s*(-?[\d.]+)$/.exec(text);
  const low = between?.[1] ?? (oneSided?.[1] === ">" ? oneSided[2] : undefined);
  const high = between?.[2] ?? (oneSided?.[1] === "<" ? oneSided[2] : undefined);
  return [{ low: limit(obx, low), high: limit(obx, high), text }];
}

function limit(obx: Hl7Segment, text: string | undefined): Json | undefined {
  const value = NumberText.parse(text ?? "");
  return value === undefined ? undefined : { value, ...unitOf(obx) };
}

/** ED.2 and ED.3 (HL7 tables 0191 and 0291) to media types; subtypes come first, since ED.2 is often wrong. */
const MEDIA_TYPE = new Map([
  ["pdf", "application/pdf"],
  ["rtf", "application/rtf"],
  ["html", "text/html"],
  ["xml", "application/xml"],
  ["x-hl7-cda-level-one", "application/xml"],
  ["x-hl7-cda-level-two", "application/xml"],
  ["jpeg", "image/jpeg"],
  ["jpg", "image/jpeg"],
  ["png", "image/png"],
  ["gif", "image/gif"],
  ["tiff", "image/tiff"],
  ["tif", "image/tiff"],
  ["plain", "text/plain; charset=utf-8"],
  ["text", "text/plain; charset=utf-8"],
]);

/**
 * Embedded data (OBX-2 ED, HL7 v2.5.1 §2.A.24) as a FHIR Attachment: base64 as it was sent, hexadecimal and plain text as
 * base64. `undefined` for every other value, and for what is not in the encoding that it names.
 */
export function documentData(obx: Hl7Segment): Json | undefined {
  if (component(obx, 2, 1) !== "ED") return undefined;
  const [parts] = repetitions(obx, 5);
  const written = textAt(obx, parts, 5);
  const data = written === undefined ? undefined : base64Of(written, textAt(obx, parts, 4)?.toUpperCase() ?? "A");
  if (data === undefined) return undefined;
  const said = [textAt(obx, parts, 3), textAt(obx, parts, 2), fileEnding(textAt(obx, parts, 1))];
  const contentType = said.map((word) => MEDIA_TYPE.get((word ?? "").toLowerCase())).find((type) => type !== undefined);
  return { contentType: contentType ?? "application/octet-stream", data };
}

function base64Of(written: string, encoding: string): string | undefined {
  if (encoding === "A") return Buffer.from(utf8ToBytes(written)).toString("base64");
  const compact = written.replace(/\s+/g, "");
  if (encoding === "HEX")
    return /^([0-9A-Fa-f]{2})+$/.test(compact) ? Buffer.from(compact, "hex").toString("base64") : undefined;
  return encoding === "BASE64" && /^[A-Za-z0-9+/]+={0,2}$/.test(compact) ? compact : undefined;
}

function fileEnding(name: string | undefined): string | undefined {
  return /\.([A-Za-z]{3,4})$/.exec(name ?? "")?.[1];
}
