/** The closed list of reasons for which a reader may find another number than the counter over the source. */
export const DIFFERENCE_REASONS = {
  attribute: "says something about a vaccination or an appointment, and is no result of its own",
  "document-text": "is the text of the document that the message is about",
  duplicate: "says the same again under the same number",
  elsewhere: "says by its own template what it is, in a section of another kind or in none",
  "empty-line": "has neither a name nor a value",
  file: "is an embedded file: a document, not a result",
  "line-of-text": "is a further line of one text",
  negated: "was not given, or is denied",
  "no-information": "says that nothing is known",
  "no-value": "is a question that goes with an order or an admission, without its answer",
  placeholder: "says that there is none (CVX 998)",
  step: "says of one order again what the pharmacy made of it (RXO before RXE)",
  unnamed: "has neither code nor words",
  "unsupported-entry": "is a plan, or of a template that is not read; it stands in the original",
  "unsupported-section": "stands in a section whose entries are not read; it stands in the original",
} as const;
export type DifferenceReason = keyof typeof DIFFERENCE_REASONS;

export function isDifferenceReason(text: string): text is DifferenceReason {
  return Object.hasOwn(DIFFERENCE_REASONS, text);
}
