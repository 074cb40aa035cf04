import { type Json, MAX_FRAGMENT_BYTES, writeJson } from "@caseroom/clinical";
import { err, ok, type Result, utf8ToBytes } from "@caseroom/contract";
import { Hl7Message } from "@medplum/core";
import { readBackground, readVisit } from "./adt.ts";
import { appointment } from "./appointment.ts";
import { documentResource } from "./document-message.ts";
import { component } from "./hl7-field.ts";
import { decodeHl7Text, sniffSender } from "./hl7-text.ts";
import { DEFAULT_ZONE, hl7TimeToMs, toFhirDateTime } from "./hl7-time.ts";
import { immunization } from "./immunization.ts";
import type { MessageContext } from "./message-context.ts";
import { type MessageKind, messageKind, messageType } from "./message-kind.ts";
import { groupOrders } from "./order-group.ts";
import { readOru, readResults } from "./oru.ts";
import { type Hl7Patient, mergePatient, patientResource, readPatient } from "./patient-segment.ts";
import { pharmacyResources } from "./pharmacy.ts";
import { type Hl7Problem, incomplete, tooLarge, unreadable, unsupported } from "./problem.ts";
import { unnamedResult } from "./result-order.ts";
import { profileFor, type SenderProfile } from "./sender-profile.ts";
import { serviceRequest } from "./service-request.ts";
import { zResults } from "./z-segment.ts";

export type Hl7Reading = {
  /** MSH-10: what the acknowledgement answers, and what makes a repeat a repeat. */
  readonly controlId: string;
  /** MSH-9: `ADT^A01`. */
  readonly type: string;
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly sentMs?: number;
  readonly patient: Hl7Patient;
  /** FHIR R4 resources as JSON text; the patient first. */
  readonly fragments: readonly { readonly resourceType: string; readonly json: string }[];
};

export const MAX_HL7_BYTES = 4_194_304;
const MAX_SEGMENTS = 5_000;

/**
 * One HL7 v2 message (any 2.x) as FHIR fragments. The same bytes give the same reading. Fails with where and why, and
 * with the acknowledgement that is due: nothing of a message is taken unless all of it can be. `profiles` say what is
 * particular about its sender.
 */
export function readHl7(bytes: Uint8Array, profiles: readonly SenderProfile[] = []): Result<Hl7Reading, Hl7Problem> {
  if (bytes.length > MAX_HL7_BYTES) return err(tooLarge("the message exceeds its size limit"));
  const profile = profileFor(profiles, sniffSender(bytes));
  const message = parseMessage(bytes, profile?.charset);
  if (!message.ok) return message;
  const header = message.value.getSegment("MSH");
  const controlId = component(header, 10, 1);
  if (controlId === undefined) return err(incomplete("MSH", 10));
  const type = messageType(message.value, header);
  if (type === undefined) return err(incomplete("MSH", 9, controlId));
  const kind = messageKind(type);
  if (kind === undefined) return err(unsupported("this message type is not taken", controlId));
  const pid = message.value.getSegment("PID");
  const named = readPatient(pid);
  const [first] = named.identifiers;
  if (first === undefined) return err(incomplete("PID", 3, controlId));
  const patient = kind === "merge" ? mergePatient(named, message.value.getSegment("MRG")) : named;
  if (kind === "merge" && patient === named) return err(incomplete("MRG", 1, controlId));
  if (kind === "results" && unnamedResult(message.value) !== undefined) return err(incomplete("OBX", 3, controlId));

  const facility = component(header, 4, 1) ?? "";
  const zone = profile?.zone ?? DEFAULT_ZONE;
  const sentMs = hl7TimeToMs(component(header, 7, 1), zone);
  const context: MessageContext = {
    controlId,
    facility,
    zone,
    codes: profile?.codes ?? [],
    identifierSystem: `urn:caseroom:hl7:${facility}`,
    patientNumber: first.value,
    subject: { type: "Patient", identifier: { system: first.authority ?? facility, value: first.value } },
    sentAt: toFhirDateTime(component(header, 7, 1), zone),
  };
  const event = type.slice(type.indexOf("^") + 1);
  const resources = [
    ...readBackground(message.value, context),
    ...SUBJECT_READERS[kind](message.value, event, context),
    ...zResults(message.value, profile?.zFields ?? [], context),
  ];
  const fragments = [patientResource(pid, patient, facility), ...resources].map(toFragment);
  if (fragments.some(({ json }) => utf8ToBytes(json).length > MAX_FRAGMENT_BYTES))
    return err(tooLarge("a result exceeds its size limit", { segment: "OBX", field: 5, controlId }));
  return ok({
    controlId,
    type,
    sendingApplication: component(header, 3, 1) ?? "",
    sendingFacility: facility,
    ...(sentMs === undefined ? {} : { sentMs }),
    patient,
    fragments,
  });
}

type SubjectReader = (message: Hl7Message, event: string, context: MessageContext) => readonly Json[];

/** What each kind of message is about. */
const SUBJECT_READERS: Readonly<Record<MessageKind, SubjectReader>> = {
  visit: (message, event, context) => [...readVisit(message, event, context), ...readResults(message, context)],
  person: (message, _event, context) => readResults(message, context),
  merge: () => [],
  results: (message, _event, context) => readOru(message, context),
  orders: (message, _event, context) => [
    ...groupOrders(message).flatMap((group) => [
      ...serviceRequest(group, context),
      ...pharmacyResources(group, context),
    ]),
    ...readResults(message, context),
  ],
  document: documentResource,
  immunization: (message, _event, context) => groupOrders(message).flatMap((group) => immunization(group, context)),
  appointment,
};

/** The segments of a message; its header must have the four encoding characters that make it readable. */
export function parseMessage(bytes: Uint8Array, usualCharset?: string): Result<Hl7Message, Hl7Problem> {
  const text = decodeHl7Text(bytes, usualCharset);
  if (text === undefined) return err(unreadable("the text is not in its character set"));
  if (!hasReadableHeader(text)) return err(unreadable("the message does not begin with a readable MSH segment"));
  const message = Hl7Message.parse(text);
  if (message.getAllSegments("MSH").length !== 1) return err(unreadable("more than one MSH segment"));
  if (message.segments.length > MAX_SEGMENTS) return err(tooLarge("the message has too many segments"));
  return ok(message);
}

function hasReadableHeader(text: string): boolean {
  if (!text.startsWith("MSH")) return false;
  const separators = text.slice(3, 6);
  return /^[!-/:-@[-`{-~]{3}$/.test(separators) && new Set(separators).size === 3 && text.includes(text.charAt(3), 4);
}

function toFragment(resource: Json): { readonly resourceType: string; readonly json: string } {
  const json = writeJson(resource);
  return { resourceType: /^\{"resourceType":"(\w+)"/.exec(json)?.[1] ?? "", json };
}
