import { type Json, NumberText } from "@caseroom/clinical";
import type { Hl7Message } from "@medplum/core";
import { component } from "./hl7-field.ts";
import type { MessageContext } from "./message-context.ts";
import type { ZField } from "./sender-profile.ts";

/** What a sender's own segments say, as far as its profile knows them (HL7 v2.5.1 §2.11): an Observation for each field that says something. */
export function zResults(message: Hl7Message, fields: readonly ZField[], context: MessageContext): readonly Json[] {
  return fields.flatMap(({ segment: name, field, component: position, code, unit }) =>
    message.getAllSegments(name).flatMap((segment, at): readonly Json[] => {
      const text = component(segment, field, position);
      if (text === undefined) return [];
      const value = NumberText.parse(text);
      const number = `${context.controlId}/${name}.${at + 1}/${field}.${position}`;
      return [
        {
          resourceType: "Observation",
          identifier: [{ system: context.identifierSystem, value: number }],
          status: "final",
          code: { coding: [code], text: code.display ?? code.code },
          subject: context.subject,
          effectiveDateTime: context.sentAt,
          ...(value === undefined ? { valueString: text } : { valueQuantity: { value, unit } }),
        },
      ];
    }),
  );
}
