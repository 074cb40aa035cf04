import { type Failure, failure } from "@caseroom/contract";

/** Why a message was not taken, and where in it. `detail` names structure, never content. */
export type Hl7Problem = Failure<"SOURCE_UNREADABLE" | "SOURCE_UNSUPPORTED" | "SOURCE_INCOMPLETE" | "TOO_LARGE"> & {
  readonly controlId?: string;
  /** HL7 table 0008: AE when the content is at fault, AR when this receiver does not take such a message at all. */
  readonly ack: "AE" | "AR";
  readonly segment?: string;
  readonly field?: number;
};

/** A required field is missing. */
export function incomplete(segment: string, field: number, controlId?: string): Hl7Problem {
  return located("SOURCE_INCOMPLETE", "AE", `${segment}-${field} is required`, { segment, field, controlId });
}

/** The bytes are no message. */
export function unreadable(detail: string, controlId?: string): Hl7Problem {
  return located("SOURCE_UNREADABLE", "AR", detail, { segment: undefined, field: undefined, controlId });
}

/** A message of a type that is not taken. */
export function unsupported(detail: string, controlId: string): Hl7Problem {
  return located("SOURCE_UNSUPPORTED", "AR", detail, { segment: "MSH", field: 9, controlId });
}

/** A limit is exceeded. */
export function tooLarge(
  detail: string,
  at?: { readonly segment: string; readonly field: number; readonly controlId: string },
): Hl7Problem {
  return located("TOO_LARGE", "AR", detail, at ?? { segment: undefined, field: undefined, controlId: undefined });
}

function located(
  code: Hl7Problem["code"],
  ack: Hl7Problem["ack"],
  detail: string,
  at: {
    readonly segment: string | undefined;
    readonly field: number | undefined;
    readonly controlId: string | undefined;
  },
): Hl7Problem {
  return {
    ...failure(code, detail),
    ack,
    ...(at.segment === undefined ? {} : { segment: at.segment }),
    ...(at.field === undefined ? {} : { field: at.field }),
    ...(at.controlId === undefined ? {} : { controlId: at.controlId }),
  };
}
