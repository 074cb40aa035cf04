import { type Json, NumberText } from "@caseroom/clinical";
import type { Hl7Segment } from "@medplum/core";
import { codeableConcept, codeSystem } from "./coded-value.ts";
import { component } from "./hl7-field.ts";
import { toFhirDate, toFhirDateTime } from "./hl7-time.ts";
import type { MessageContext } from "./message-context.ts";
import { first, type OrderGroup, placerNumber } from "./order-group.ts";

/** CVX 998: a placeholder that says that no vaccine was given (CDC implementation guide for immunization messaging §5). */
const NO_VACCINE = "998";
/** CDC: a dose of 999 means that it is not known. */
const UNKNOWN_DOSE = "999";

/** HL7 table 0322 (RXA-20). */
const STATUS = new Map([
  ["CP", "completed"],
  ["PA", "completed"],
  ["RE", "not-done"],
  ["NA", "not-done"],
]);

/** RXA with RXR (HL7 v2.5.1 §4.14.7): a vaccination that was given, refused or, with RXA-21 D, taken back. */
export function immunization(group: OrderGroup, context: MessageContext): readonly Json[] {
  const rxa = first(group, "RXA");
  const vaccineCode = rxa === undefined ? undefined : codeableConcept(rxa, 5, context);
  const code = component(rxa, 5, 1) ?? component(rxa, 5, 2) ?? component(rxa, 5, 4);
  if (rxa === undefined || vaccineCode === undefined || code === undefined || code === NO_VACCINE) return [];
  const rxr = first(group, "RXR");
  const given = toFhirDateTime(component(rxa, 3, 1), context.zone);
  const number = placerNumber(group);
  const reason = codeableConcept(rxa, 18, context);
  const manufacturer = component(rxa, 17, 2) ?? component(rxa, 17, 1);
  return [
    {
      resourceType: "Immunization",
      // By vaccine and day as well: registries repeat order numbers, and have none for what others gave.
      identifier: [
        {
          system: context.identifierSystem,
          value: `${number ?? `${context.patientNumber}/RXA`}/${code}/${given?.slice(0, 10) ?? ""}`,
        },
      ],
      status:
        component(rxa, 21, 1) === "D" ? "entered-in-error" : (STATUS.get(component(rxa, 20, 1) ?? "") ?? "completed"),
      statusReason: reason,
      vaccineCode,
      patient: context.subject,
      ...(given === undefined ? { occurrenceString: "unknown" } : { occurrenceDateTime: given }),
      // Table NIP001: 00 is a record of who gave it, everything else was told.
      primarySource: component(rxa, 9, 1) === undefined ? undefined : component(rxa, 9, 1) === "00",
      manufacturer: manufacturer === undefined ? undefined : { display: manufacturer },
      lotNumber: component(rxa, 15, 1),
      expirationDate: toFhirDate(component(rxa, 16, 1)),
      site: rxr === undefined ? undefined : codeableConcept(rxr, 2, context),
      route: rxr === undefined ? undefined : codeableConcept(rxr, 1, context),
      doseQuantity: doseOf(rxa),
    },
  ];
}

function doseOf(rxa: Hl7Segment): Json | undefined {
  const amount = component(rxa, 6, 1) ?? "";
  const value = amount === UNKNOWN_DOSE ? undefined : NumberText.parse(amount);
  if (value === undefined) return undefined;
  const code = component(rxa, 7, 1);
  const unit = component(rxa, 7, 2) ?? code;
  const isUcum = code !== undefined && component(rxa, 7, 3)?.toUpperCase() === "UCUM";
  return isUcum ? { value, unit, system: codeSystem("UCUM", ""), code } : { value, unit };
}
