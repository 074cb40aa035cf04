import type { Bytes } from "@caseroom/contract";

/** A stored object as it came: the data set's bytes and what the association said of them. */
export type DimseObject = {
  readonly sop: string;
  readonly sopClass: string;
  readonly transferSyntax: string;
  readonly dataSet: Bytes;
  readonly callingAet: string;
  readonly association: string;
};
/** PS3.7 annex C and PS3.4 annexes B.2.3 and C.4. The comment holds no patient data: senders write it into their logs. */
export type DimseStatus = { readonly status: number; readonly comment?: string };

/** What stands behind the DICOM port. */
export type DimseServices = {
  /** Resolves when the object is durable. */
  readonly store: (object: DimseObject) => Promise<DimseStatus>;
};
