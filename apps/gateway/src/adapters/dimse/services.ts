import type { Bytes } from "@caseroom/contract";
import type { GatheredBytes } from "../../features/imaging/gathered-bytes.ts";
import type { ByteSource } from "./message-sender.ts";

/** A stored object as it came: the data set's bytes and what the association said of them. */
export type DimseObject = {
  readonly sop: string;
  readonly sopClass: string;
  readonly transferSyntax: string;
  readonly dataSet: GatheredBytes;
  readonly callingAet: string;
  readonly association: string;
};
/** PS3.7 annex C and PS3.4 annexes B.2.3 and C.4. The comment holds no patient data: peers write it into their logs. */
export type DimseStatus = { readonly status: number; readonly comment?: string };

/** The two information models of query and retrieve (PS3.4 §C.6): one begins with patients, the other with studies. */
export type QueryRoot = "patient" | "study";
/** Keys as a peer wrote them. */
export type DimseQuery = { readonly root: QueryRoot; readonly identifier: Bytes; readonly transferSyntax: string };

/** An object as it is kept, to be sent as it is. */
export type KeptObject = {
  readonly sop: string;
  readonly sopClass: string;
  readonly transferSyntax: string;
  /** Undefined when it cannot be had now. */
  readonly open: () => Promise<ByteSource | undefined>;
};
export type SopClassSyntax = { readonly sopClass: string; readonly transferSyntax: string };

/** What stands behind the DICOM port. */
export type DimseServices = {
  /** Resolves when the object is durable. */
  readonly store: (object: DimseObject) => Promise<DimseStatus>;
  /** Whether this peer may query and retrieve: a title is no proof, so where it comes from counts too. */
  readonly mayRead: (peer: { readonly callingAet: string; readonly address: string }) => boolean;
  /** Calls for every match; false ends the search. Resolves with the last status. */
  readonly find: (
    query: DimseQuery,
    onMatch: (match: DimseStatus, identifier: Bytes) => Promise<boolean>,
  ) => Promise<DimseStatus>;
  readonly retrieve: (query: DimseQuery) => Promise<{ readonly objects: readonly KeptObject[] } | DimseStatus>;
  /** Those of the pairs of which there is any object here. */
  readonly held: (pairs: readonly SopClassSyntax[]) => Promise<readonly SopClassSyntax[]>;
};
