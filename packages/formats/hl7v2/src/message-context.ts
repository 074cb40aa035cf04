import type { Json } from "@caseroom/clinical";

/** What every resource of a message needs to know about the message. */
export type MessageContext = {
  readonly facility: string;
  /** Namespace of the sender's own numbers: `urn:caseroom:hl7:<MSH-4>`. */
  readonly identifierSystem: string;
  /** First number of PID-3. */
  readonly patientNumber: string;
  /** Reference to the patient, by number: nobody but the receiver knows resource ids. */
  readonly subject: Json;
  /** MSH-7 as a FHIR dateTime: when this version was sent. */
  readonly sentAt: string | undefined;
};
