import { type Json, NumberText } from "@caseroom/clinical";
import { timeMembers, toFhirDateTime } from "./cda-time.ts";
import { codedAs, concept, conceptJson, quantity, referredText } from "./cda-value.ts";
import type { DocumentContext } from "./document-context.ts";
import { attribute, child, children, descend, words } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

type Value = { readonly [name: string]: Json | undefined };

/** HL7 v3 NullFlavor to FHIR R4 DataAbsentReason. */
const ABSENT_REASON = new Map([
  ["UNK", "unknown"],
  ["NI", "unknown"],
  ["ASKU", "asked-unknown"],
  ["NAV", "temp-unknown"],
  ["NASK", "not-asked"],
  ["NA", "not-applicable"],
  ["MSK", "masked"],
]);

/**
 * The value of an observation as the one `value[x]`, by its xsi:type (HL7 v3 data types; CDA R2 §4.3.6.5), else by its
 * look. Several values become one text; a value that the sender says it lacks becomes a reason.
 */
export function observationValue(observation: XmlElement, document: DocumentContext): Value {
  const values = children(observation, "value");
  const [first] = values;
  if (first === undefined) return {};
  const all = values.map((each) => typedValue(each, document));
  if (all.length === 1 && all[0] !== undefined) return all[0];
  const text = values.map((each) => valueWords(each, document)).filter((each) => each !== undefined);
  if (text.length > 0) return { valueString: text.join("; ") };
  const reason = ABSENT_REASON.get(attribute(first, "nullFlavor") ?? "");
  if (reason === undefined) return {};
  return { dataAbsentReason: codedAs("http://terminology.hl7.org/CodeSystem/data-absent-reason", reason) };
}

function typedValue(value: XmlElement, document: DocumentContext): Value | undefined {
  switch (typeOf(value)) {
    case "PQ":
    case "REAL":
    case "INT":
    case "MO":
      return physicalQuantity(value);
    case "IVL_PQ":
    case "IVL_INT":
    case "IVL_REAL":
      return interval(value);
    case "CD":
    case "CE":
    case "CV":
    case "CO":
    case "CS": {
      const json = conceptJson(concept(value, document));
      return json === undefined ? undefined : { valueCodeableConcept: json };
    }
    case "TS":
    case "DT": {
      const text = attribute(value, "value");
      const isDate = toFhirDateTime(text, document.zone) !== undefined;
      return isDate ? timeMembers("valueDateTime", text, document.zone) : undefined;
    }
    case "BL": {
      const text = attribute(value, "value");
      return text === "true" || text === "false" ? { valueBoolean: text === "true" } : undefined;
    }
    case "RTO":
    case "RTO_PQ_PQ":
    case "RTO_INT_INT":
    case "RTO_MO_PQ": {
      const numerator = quantity(child(value, "numerator"));
      const denominator = quantity(child(value, "denominator"));
      return numerator === undefined || denominator === undefined
        ? undefined
        : { valueRatio: { numerator, denominator } };
    }
    default:
      return undefined;
  }
}

function typeOf(value: XmlElement): string {
  const stated = attribute(value, "xsi:type")?.replace(/^.*:/, "");
  if (stated !== undefined) return stated;
  if (attribute(value, "code") !== undefined) return "CD";
  if (child(value, "low") !== undefined || child(value, "high") !== undefined) return "IVL_PQ";
  return attribute(value, "value") === undefined ? "ST" : "PQ";
}

/** PQ, and the `<5` that senders put there although the type has no room for it. */
function physicalQuantity(value: XmlElement): Value | undefined {
  const exact = quantity(value);
  if (exact !== undefined) return { valueQuantity: exact };
  const [, comparator, number] = /^([<>]=?)\s*([\d.]+)$/.exec(attribute(value, "value") ?? "") ?? [];
  if (comparator === undefined || number === undefined) return undefined;
  return compared(comparator, withValue(value, number));
}

function interval(value: XmlElement): Value | undefined {
  const low = child(value, "low");
  const high = child(value, "high");
  const from = quantity(low);
  const to = quantity(high);
  const exact = quantity(value) ?? quantity(child(value, "center"));
  if (from !== undefined && to !== undefined) return { valueRange: { low: from, high: to } };
  if (from !== undefined) return compared(attribute(low, "inclusive") === "false" ? ">" : ">=", from);
  if (to !== undefined) return compared(attribute(high, "inclusive") === "false" ? "<" : "<=", to);
  return exact === undefined ? undefined : { valueQuantity: exact };
}

function compared(comparator: string, amount: Value | undefined): Value | undefined {
  if (amount === undefined) return undefined;
  const { value, ...unit } = amount;
  return { valueQuantity: { value, comparator, ...unit } };
}

function withValue(element: XmlElement, number: string): Value | undefined {
  return quantity({ ...element, attributes: new Map([...element.attributes, ["value", number]]) });
}

function valueWords(value: XmlElement, document: DocumentContext): string | undefined {
  const amount = quantity(value);
  const { value: number, unit } = amount ?? {};
  if (number instanceof NumberText) return [number.literal, unit].filter((part) => typeof part === "string").join(" ");
  const written = [attribute(value, "value"), attribute(value, "unit")].filter((part) => part !== undefined).join(" ");
  const said = referredText(value, document) ?? concept(value, document)?.text;
  return said ?? (written === "" ? undefined : written);
}

/** Observation.interpretation from interpretationCode (v3 ObservationInterpretation). */
export function interpretations(observation: XmlElement, document: DocumentContext): Json | undefined {
  const concepts = children(observation, "interpretationCode").flatMap(
    (each) => conceptJson(concept(each, document)) ?? [],
  );
  return concepts.length === 0 ? undefined : concepts;
}

/** Reference ranges as given: numbers where they are numbers, and the words. One for another meaning than normal says so. */
export function referenceRanges(observation: XmlElement, document: DocumentContext): Json | undefined {
  const ranges = descend(observation, "referenceRange", "observationRange").flatMap((range) => {
    const value = child(range, "value");
    const low = quantity(child(value, "low"));
    const high = quantity(child(value, "high"));
    const text = referredText(child(range, "text"), document) ?? words(value);
    if (low === undefined && high === undefined && text === undefined) return [];
    const meaning = child(range, "interpretationCode");
    const isNormal = attribute(meaning, "code") === undefined || attribute(meaning, "code") === "N";
    return [{ low, high, type: isNormal ? undefined : conceptJson(concept(meaning, document)), text }];
  });
  return ranges.length === 0 ? undefined : ranges;
}
