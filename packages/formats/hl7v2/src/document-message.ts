import type { Json } from "@caseroom/clinical";
import { utf8ToBytes } from "@caseroom/contract";
import type { Hl7Message, Hl7Segment } from "@medplum/core";
import { codeableConcept } from "./coded-value.ts";
import { component, repetitions, wholeText } from "./hl7-field.ts";
import { toFhirDateTime } from "./hl7-time.ts";
import type { MessageContext } from "./message-context.ts";
import { documentData } from "./observation-value.ts";
import { personNamed } from "./order-group.ts";

/** HL7 table 0270 (TXA-2), the common ones, in words. */
const TITLES = new Map([
  ["AR", "Autopsy report"],
  ["CD", "Cardiodiagnostics"],
  ["CN", "Consultation"],
  ["DI", "Diagnostic imaging"],
  ["DS", "Discharge summary"],
  ["ED", "Emergency department report"],
  ["HP", "History and physical examination"],
  ["OP", "Operative report"],
  ["PC", "Psychiatric consultation"],
  ["PH", "Psychiatric history and physical examination"],
  ["PN", "Procedure note"],
  ["PR", "Progress note"],
  ["SP", "Surgical pathology"],
  ["TS", "Transfer summary"],
]);

/** TXA with its OBX (HL7 v2.5.1 §9.6) as a DocumentReference: its files, and its words as one text. */
export function documentResource(message: Hl7Message, event: string, context: MessageContext): readonly Json[] {
  const txa = message.getSegment("TXA");
  const content = contentOf(message.getAllSegments("OBX"));
  if (txa === undefined && content.length === 0) return [];
  const number = component(txa, 12, 1) ?? component(txa, 12, 3);
  const parent = component(txa, 13, 1) ?? component(txa, 13, 3);
  const isReplacement = event === "T09" || event === "T10";
  const date =
    toFhirDateTime(component(txa, 4, 1), context.zone) ??
    toFhirDateTime(component(txa, 6, 1), context.zone) ??
    context.sentAt;
  const author = personNamed(txa, 9) ?? personNamed(txa, 5);
  const kind = component(txa, 2, 1);
  return [
    {
      resourceType: "DocumentReference",
      identifier:
        number === undefined ? undefined : [{ system: context.identifierSystem, value: `document/${number}` }],
      status: statusOf(event, txa),
      docStatus: docStatus(txa),
      type: typeOf(message, txa, context),
      subject: context.subject,
      date: date?.includes("T") === true ? date : undefined,
      author: author === undefined ? undefined : [author],
      relatesTo:
        isReplacement && parent !== undefined
          ? [
              {
                code: "replaces",
                target: { identifier: { system: context.identifierSystem, value: `document/${parent}` } },
              },
            ]
          : undefined,
      description: component(txa, 25, 1) ?? TITLES.get(kind ?? ""),
      // A notification has none; FHIR wants one place for it.
      content:
        content.length === 0
          ? [{ attachment: { title: component(txa, 16, 1) ?? TITLES.get(kind ?? "") ?? "Document" } }]
          : content.map((attachment) => ({ attachment })),
    },
  ];
}

function typeOf(message: Hl7Message, txa: Hl7Segment | undefined, context: MessageContext): Json | undefined {
  const obr = message.getSegment("OBR");
  const kind = component(txa, 2, 1);
  const ordered = obr === undefined ? undefined : codeableConcept(obr, 4, context);
  if (kind === undefined) return ordered;
  const title = TITLES.get(kind) ?? component(txa, 2, 2) ?? kind;
  return {
    coding: [{ system: "http://terminology.hl7.org/CodeSystem/v2-0270", code: kind, display: title }],
    text: title,
  };
}

/** T11 cancels, TXA-19 withdraws or outdates (HL7 table 0273). */
function statusOf(event: string, txa: Hl7Segment | undefined): string {
  const availability = component(txa, 19, 1);
  if (event === "T11" || availability === "CA") return "entered-in-error";
  return availability === "OB" ? "superseded" : "current";
}

/** HL7 table 0271 (TXA-17). */
function docStatus(txa: Hl7Segment | undefined): string | undefined {
  const written = component(txa, 17, 1) ?? "";
  if (["AU", "LA"].includes(written)) return "final";
  return ["DI", "DO", "IN", "IP", "PA"].includes(written) ? "preliminary" : undefined;
}

/** Embedded files each by itself; all lines of text together, as they were printed. */
function contentOf(results: readonly Hl7Segment[]): readonly Json[] {
  const files = results.flatMap((obx) => documentData(obx) ?? []);
  const text = results
    .filter((obx) => ["TX", "FT", "ST"].includes(component(obx, 2, 1) ?? ""))
    .flatMap((obx) => repetitions(obx, 5).map((components) => wholeText(obx, components) ?? ""))
    .join("\n");
  if (text.trim() === "") return files;
  const data = Buffer.from(utf8ToBytes(text)).toString("base64");
  return [...files, { contentType: "text/plain; charset=utf-8", data }];
}
