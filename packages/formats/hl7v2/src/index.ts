export { type AckInput, buildAck } from "./build-ack.ts";
export { findInText, fromEditableText, type TextRange, toEditableText } from "./editable-text.ts";
export { hl7Sender, readSender } from "./message-sender.ts";
export type { Hl7Patient } from "./patient-segment.ts";
export type { Hl7Problem } from "./problem.ts";
export { type Hl7Reading, MAX_HL7_BYTES, readHl7 } from "./read-hl7.ts";
export { parseProfiles, type SenderProfile } from "./sender-profile.ts";
export { type Hl7Batch, splitHl7 } from "./split-batch.ts";
