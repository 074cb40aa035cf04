import type { Json } from "@caseroom/clinical";
import { codeableConcept } from "./coded-value.ts";
import { component } from "./hl7-field.ts";
import { toFhirDateTime } from "./hl7-time.ts";
import type { MessageContext } from "./message-context.ts";
import { first, type OrderGroup, orderState, personNamed, placerNumber } from "./order-group.ts";

/** HL7 table 0485 (TQ1-9) and 0027 (ORC-7.6) to FHIR request-priority. */
const PRIORITY = new Map([
  ["S", "stat"],
  ["A", "asap"],
  ["R", "routine"],
  ["T", "urgent"],
]);

/** An ordered service, OBR with its ORC, as a ServiceRequest (HL7 v2.5.1 §4.4; FHIR R4 §13.18). */
export function serviceRequest(group: OrderGroup, context: MessageContext): readonly Json[] {
  const obr = first(group, "OBR");
  const code = obr === undefined ? undefined : codeableConcept(obr, 4, context);
  if (obr === undefined || code === undefined) return [];
  const number = placerNumber(group);
  const written = component(first(group, "TQ1"), 9, 1) ?? component(obr, 27, 6) ?? component(group.orc, 7, 6) ?? "";
  const reason = codeableConcept(obr, 31, context);
  return [
    {
      resourceType: "ServiceRequest",
      identifier: number === undefined ? undefined : [{ system: context.identifierSystem, value: `order/${number}` }],
      status: orderState(group.orc),
      intent: "order",
      priority: PRIORITY.get(written.charAt(0).toUpperCase()),
      code,
      subject: context.subject,
      occurrenceDateTime:
        toFhirDateTime(component(obr, 6, 1), context.zone) ?? toFhirDateTime(component(obr, 7, 1), context.zone),
      authoredOn: toFhirDateTime(component(group.orc, 9, 1), context.zone),
      requester: personNamed(obr, 16) ?? personNamed(group.orc, 12),
      reasonCode: reason === undefined ? undefined : [reason],
      note: group.notes.length === 0 ? undefined : group.notes.map((text) => ({ text })),
    },
  ];
}
