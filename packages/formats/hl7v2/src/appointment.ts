import { type Json, NumberText } from "@caseroom/clinical";
import type { Hl7Message, Hl7Segment } from "@medplum/core";
import { codeableConcept } from "./coded-value.ts";
import { component } from "./hl7-field.ts";
import { hl7TimeToMs, toFhirDateTime } from "./hl7-time.ts";
import type { MessageContext } from "./message-context.ts";
import { noteTexts, personNamed } from "./order-group.ts";

const STATUS_BY_EVENT = new Map([
  ["S15", "cancelled"],
  ["S16", "cancelled"],
  ["S17", "entered-in-error"],
  ["S26", "noshow"],
]);
/** HL7 table 0278 (SCH-25), as far as FHIR's appointmentstatus has a word for it. */
const STATUS_BY_FILLER = new Map([
  ["CANCELLED", "cancelled"],
  ["COMPLETE", "fulfilled"],
  ["DC", "cancelled"],
  ["DELETED", "entered-in-error"],
  ["NOSHOW", "noshow"],
  ["PENDING", "pending"],
  ["WAITLIST", "waitlist"],
]);
const MINUTE_MS = 60_000;

/** SCH with its resources (HL7 v2.5.1 §10.6) as an Appointment. */
export function appointment(message: Hl7Message, event: string, context: MessageContext): readonly Json[] {
  const sch = message.getSegment("SCH");
  if (sch === undefined) return [];
  const number = component(sch, 2, 1) ?? component(sch, 1, 1);
  const { start, end } = timesOf(message, sch, context.zone);
  const reason = codeableConcept(sch, 7, context);
  const kind = codeableConcept(sch, 8, context);
  const services = message.getAllSegments("AIS").flatMap((ais) => codeableConcept(ais, 3, context) ?? []);
  const notes = message.getAllSegments("NTE").flatMap(noteTexts);
  const status =
    STATUS_BY_EVENT.get(event) ?? STATUS_BY_FILLER.get((component(sch, 25, 1) ?? "").toUpperCase()) ?? "booked";
  return [
    {
      resourceType: "Appointment",
      identifier:
        number === undefined ? undefined : [{ system: context.identifierSystem, value: `appointment/${number}` }],
      // FHIR R4 app-3: only what never took place may be without its times.
      status: start === undefined && status === "booked" ? "proposed" : status,
      serviceType: services.length === 0 ? undefined : services,
      appointmentType: kind,
      reasonCode: reason === undefined ? undefined : [reason],
      description: component(sch, 6, 2),
      start,
      end,
      participant: [{ actor: context.subject, status: "accepted" }, ...participants(message)],
      comment: notes.length === 0 ? undefined : notes.join("\n"),
    },
  ];
}

/** SCH-11 of early versions, TQ1-7 and -8 of later ones, else those of the first service, person or place. */
function timesOf(message: Hl7Message, sch: Hl7Segment, zone: string) {
  const tq1 = message.getSegment("TQ1");
  const parts = ["AIS", "AIG", "AIL", "AIP"].map((name) => message.getSegment(name));
  const startText = [
    component(sch, 11, 4),
    component(tq1, 7, 1),
    ...parts.map((part) => component(part, part?.name === "AIS" ? 4 : 6, 1)),
  ].find((text) => instantOf(text, zone) !== undefined);
  const start = instantOf(startText, zone);
  const said = [component(sch, 11, 5), component(tq1, 8, 1)].find((text) => instantOf(text, zone) !== undefined);
  const minutes = NumberText.parse(component(sch, 9, 1) ?? "");
  const isMinutes = /^m(in)?/i.test(component(sch, 10, 1) ?? "min");
  const startMs = hl7TimeToMs(startText, zone);
  const end =
    instantOf(said, zone) ??
    (minutes !== undefined && isMinutes && startMs !== undefined
      ? new Date(startMs + Number(minutes.literal) * MINUTE_MS).toISOString()
      : undefined);
  return { start, end: start === undefined ? undefined : end };
}

/** FHIR R4 wants an instant. */
function instantOf(text: string | undefined, zone: string): string | undefined {
  const time = toFhirDateTime(text, zone);
  return time?.includes("T") === true ? time : undefined;
}

/** Who and what takes part, by name: AIP people, AIL places, AIG things. */
function participants(message: Hl7Message): readonly Json[] {
  const named = (display: string | undefined) => (display === undefined ? [] : [display]);
  const displays = [
    ...message.getAllSegments("AIP").flatMap((aip) => named(personNamed(aip, 3)?.display)),
    ...message
      .getAllSegments("AIL")
      .flatMap((ail) => named([1, 2, 3, 4].flatMap((at) => component(ail, 3, at) ?? []).join(" ") || undefined)),
    ...message.getAllSegments("AIG").flatMap((aig) => named(titleOf(aig))),
  ];
  return [...new Set(displays)].map((display) => ({ actor: { display }, status: "accepted" }));
}

function titleOf(aig: Hl7Segment): string | undefined {
  return component(aig, 3, 2) ?? component(aig, 3, 1);
}
