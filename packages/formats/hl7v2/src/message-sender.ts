import { component } from "./hl7-field.ts";
import { type Hl7Reading, parseMessage } from "./read-hl7.ts";

/** By what name the sender of a message is known: `application|facility` of MSH-3 and MSH-4 (HL7 v2.5.1 §2.14.9). */
export function hl7Sender({
  sendingApplication,
  sendingFacility,
}: Pick<Hl7Reading, "sendingApplication" | "sendingFacility">): string {
  return `${sendingApplication}|${sendingFacility}`;
}

/** The same of a message that could not be used; `undefined` when it has no readable header. */
export function readSender(bytes: Uint8Array): string | undefined {
  const message = parseMessage(bytes);
  if (!message.ok) return undefined;
  const header = message.value.getSegment("MSH");
  const sendingApplication = component(header, 3, 1) ?? "";
  return hl7Sender({ sendingApplication, sendingFacility: component(header, 4, 1) ?? "" });
}
