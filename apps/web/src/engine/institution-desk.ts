import type {
  ChartLink,
  ChartLinkAnswer,
  Failure,
  QuarantineDetail,
  QuarantineItems,
  QuarantineState,
  Result,
} from "@caseroom/contract";

/**
 * What the gateway of one's institution has put before its staff: what it could not use, and charts that may be a case's patient's. Changes
 * come with {@link EngineEvent} `tasks`.
 */
export type InstitutionDesk = {
  /** How much waits for somebody; `undefined` while it is not known, or is not this person's to tend. */
  readonly tasks: () => Promise<Tasks | undefined>;
  readonly quarantine: (page: QuarantinePage) => Promise<Result<QuarantineItems, Failure>>;
  readonly quarantined: (id: string, version: number | undefined) => Promise<Result<QuarantineDetail, Failure>>;
  readonly quarantinedBytes: (id: string, version: number) => Promise<Result<Blob, Failure>>;
  /** A mended version beside the ones that are there: a text, or a file. */
  readonly repairQuarantined: (
    id: string,
    base: number,
    content: string | Blob,
  ) => Promise<Result<{ readonly version: number }, Failure>>;
  readonly replayQuarantined: (id: string, version: number) => Promise<Result<undefined, Failure>>;
  readonly discardQuarantined: (id: string, reason: string) => Promise<Result<undefined, Failure>>;
  readonly chartLinks: () => Promise<Result<readonly ChartLink[], Failure>>;
  readonly answerChartLink: (answer: ChartLinkAnswer) => Promise<Result<undefined, Failure>>;
};

export type Tasks = { readonly quarantined: number; readonly suggestedLinks: number };

export type QuarantinePage = { readonly state: QuarantineState; readonly before: string | undefined };
