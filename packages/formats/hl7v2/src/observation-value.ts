import { type Json, NumberText } from "@caseroom/clinical";
import type { Hl7Segment } from "@medplum/core";
import { codeSystem, conceptOf } from "./coded-value.ts";
import { component, repetitions, textAt, wholeText } from "./hl7-field.ts";
import { toFhirDateTime } from "./hl7-time.ts";

type ValueElement = { readonly [element: `value${string}`]: Json | undefined };

const COMPARATORS = new Set(["<", "<=", ">=", ">"]);

/** OBX-5 by its type in OBX-2 (HL7 v2.5.1 §7.4.2.5) as the one `value[x]` of an Observation; nothing when there is none. */
export function observationValue(obx: Hl7Segment, facility: string): ValueElement {
  const values = repetitions(obx, 5);
  const [first] = values;
  if (first === undefined) return {};
  const type = component(obx, 2, 1) ?? "ST";
  if (values.length === 1) {
    const typed = typedValue(obx, type, facility);
    if (typed !== undefined) return typed;
  }
  const text = values.flatMap((components) => wholeText(obx, components) ?? []).join("\n");
  return text === "" ? {} : { valueString: text };
}

function typedValue(obx: Hl7Segment, type: string, facility: string): ValueElement | undefined {
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
      const concept = conceptOf(obx, first, facility);
      return concept === undefined ? undefined : { valueCodeableConcept: concept };
    }
    case "DT":
    case "TS":
    case "DTM": {
      const time = toFhirDateTime(textAt(obx, first, 1));
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

/** Embedded data (OBX-2 ED, HL7 v2.5.1 §2.A.24) in base64 as a FHIR Attachment; `undefined` for every other value. */
export function documentData(obx: Hl7Segment): Json | undefined {
  if (component(obx, 2, 1) !== "ED") return undefined;
  const [parts] = repetitions(obx, 5);
  const data = textAt(obx, parts, 5)?.replace(/\s+/g, "");
  if (data === undefined || textAt(obx, parts, 4)?.toUpperCase() !== "BASE64") return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return undefined;
  const subtype = (textAt(obx, parts, 3) ?? "").toLowerCase();
  const isPdf = subtype === "pdf" || (textAt(obx, parts, 2) ?? "").toLowerCase().endsWith("pdf");
  const contentType = isPdf
    ? "application/pdf"
    : /^(png|jpeg|tiff)$/.test(subtype)
      ? `image/${subtype}`
      : "application/octet-stream";
  return { contentType, data };
}
