import type { Json } from "@caseroom/clinical";

import type { LocalCode } from "./sender-profile.ts";

/** What every resource of a message needs to know about the message. */
export type MessageContext = {
  /** MSH-10. */
  readonly controlId: string;
  readonly facility: string;
  /** In which the sender's times without a zone are: an IANA name or an offset. */
  readonly zone: string;
  /** The sender's own codes that somebody has mapped. */
  readonly codes: readonly LocalCode[];
  /** Namespace of the sender's own numbers: `urn:caseroom:hl7:<MSH-4>`. */
  readonly identifierSystem: string;
  /** First number of PID-3. */
  readonly patientNumber: string;
  /** Reference to the patient, by number: nobody but the receiver knows resource ids. */
  readonly subject: Json;
  /** MSH-7 as a FHIR dateTime: when this version was sent. */
  readonly sentAt: string | undefined;
};
