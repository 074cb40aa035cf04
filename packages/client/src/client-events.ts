import type { Bytes, CompId, EntryId, ErrorCode, SpaceId } from "@caseroom/contract";
import type { Mark, OpenedEntry } from "@caseroom/space/secret";

/** An entry that passed every check, at its place in the feed. */
export type ReceivedEntry = {
  readonly spaceId: SpaceId;
  readonly compId: CompId;
  readonly tier: number;
  /** Position in the feed, from 0. */
  readonly n: number;
  readonly entry: OpenedEntry;
  /** Proven by the log; otherwise provisional (phase-1 §2.8). */
  readonly logged: boolean;
};

/** Something that must not be. `detail` says what was checked, never what it was about. */
export type Alarm = {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly spaceId: SpaceId | undefined;
  readonly compId: CompId | undefined;
  readonly n: number | undefined;
  readonly atMs: number;
};

export type ClientEvent =
  | { readonly type: "entries"; readonly entries: readonly ReceivedEntry[] }
  /** Everything below `n` of this compartment is proven by the log now. */
  | { readonly type: "logged"; readonly compId: CompId; readonly n: number }
  /** An entry that had been shown provisionally does not hold. */
  | { readonly type: "withdrawn"; readonly compId: CompId; readonly entryId: EntryId; readonly code: ErrorCode }
  | { readonly type: "members"; readonly spaceId: SpaceId; readonly compId: CompId }
  | { readonly type: "removed"; readonly spaceId: SpaceId; readonly compId: CompId }
  | { readonly type: "mark"; readonly spaceId: SpaceId; readonly compId: CompId; readonly mark: Mark }
  | { readonly type: "directory" }
  | { readonly type: "outbox"; readonly compId: CompId }
  | { readonly type: "alarm"; readonly alarm: Alarm; readonly evidence: Bytes | undefined }
  | { readonly type: "device-request" }
  | { readonly type: "connection"; readonly state: "online" | "connecting" | "offline" };

export type Listener = (event: ClientEvent) => void | Promise<void>;
