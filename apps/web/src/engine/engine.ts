import type { SignInForm, SignInOutcome } from "@caseroom/client";
import type { Picture, ResultCard } from "@caseroom/clinical";
import type {
  CompId,
  EntryId,
  ErrorCode,
  Failure,
  ImportLine,
  Invitation,
  OrgId,
  PatientChoice,
  Result,
  SpaceId,
  UserId,
} from "@caseroom/contract";
import type { ImageMarkDraft, ImageMarkView, ImagingCard, ImagingView, ObjectAddress, StudyView } from "./imaging.ts";
import type { InstitutionDesk } from "./institution-desk.ts";

/**
 * What the screens may ask of the worker. Everything behind it (keys, sealing, verification, parsing, assembly) lives in one dedicated
 * worker; the page holds only what it shows. Screens read again what a {@link EngineEvent} says has changed.
 */
export type Engine = InstitutionDesk & {
  /** Calls the listener on every change, until the page goes away. */
  readonly subscribe: (listener: (event: EngineEvent) => void) => Promise<void>;
  readonly status: () => Promise<EngineStatus>;
  readonly signIn: (credentials: SignInForm) => Promise<Result<SignInOutcome, Failure>>;
  readonly signOut: () => Promise<void>;

  readonly deviceRequests: () => Promise<readonly DeviceRequest[]>;
  /** The code as it is shown on the further device; refused when it does not fit the request's keys. */
  readonly approveDevice: (requestId: string, pairingCode: string) => Promise<Result<undefined, Failure>>;
  readonly refuseDevice: (requestId: string) => Promise<Result<undefined, Failure>>;

  readonly cases: () => Promise<readonly CaseSummary[]>;
  readonly invitations: () => Promise<readonly Invitation[]>;
  readonly answerInvitation: (id: EntryId, answer: "accept" | "decline") => Promise<Result<undefined, Failure>>;
  readonly searchPatients: (query: string) => Promise<Result<readonly PatientChoice[], Failure>>;
  readonly searchPeople: (query: string) => Promise<Result<readonly PersonChoice[], Failure>>;
  /** Into the records of the person's institution; several files are the parts of one bulk export. */
  readonly importFiles: (upload: ImportUpload) => Promise<Result<readonly ImportLine[], Failure>>;
  readonly createCase: (draft: CaseDraft) => Promise<Result<{ readonly spaceId: SpaceId }, Failure>>;

  readonly room: (spaceId: SpaceId) => Promise<RoomView | undefined>;
  readonly sendMessage: (spaceId: SpaceId, draft: MessageDraft) => Promise<Result<undefined, Failure>>;
  /** Everything shown so far has been read by the person at this device. */
  readonly markRead: (spaceId: SpaceId) => Promise<void>;
  readonly record: (spaceId: SpaceId) => Promise<RecordView | undefined>;
  readonly source: (spaceId: SpaceId, fragmentId: string) => Promise<Result<SourceView, Failure>>;
  readonly imaging: (spaceId: SpaceId) => Promise<ImagingView | undefined>;
  /** The series of a study and what is in them, without pixels. */
  readonly study: (spaceId: SpaceId, study: string) => Promise<Result<StudyView, Failure>>;
  /** One DICOM object, whole, checked and opened; handed over, so that the worker keeps no copy. */
  readonly imageObject: (spaceId: SpaceId, address: ObjectAddress) => Promise<Result<ArrayBuffer, Failure>>;
  /** The viewer has closed: what was opened for it is forgotten in the worker too. */
  readonly closeStudy: () => Promise<void>;
  readonly imageMarks: (spaceId: SpaceId) => Promise<readonly ImageMarkView[]>;
  readonly addImageMark: (spaceId: SpaceId, draft: ImageMarkDraft) => Promise<Result<undefined, Failure>>;
  /** Withdraws a mark of one's own. */
  readonly removeImageMark: (spaceId: SpaceId, id: string) => Promise<Result<undefined, Failure>>;
  readonly team: (spaceId: SpaceId) => Promise<TeamView | undefined>;
  readonly invite: (spaceId: SpaceId, person: PersonChoice) => Promise<Result<undefined, Failure>>;
  readonly remove: (spaceId: SpaceId, userId: UserId) => Promise<Result<undefined, Failure>>;
  /** Everything that this device refused or misses. Empty is the rule. */
  readonly alarms: () => Promise<readonly Alarm[]>;
};

export type EngineEvent =
  | { readonly type: "status" }
  | { readonly type: "cases" }
  | { readonly type: "device-requests" }
  | { readonly type: "tasks" }
  | { readonly type: "room"; readonly spaceId: SpaceId }
  | { readonly type: "record"; readonly spaceId: SpaceId }
  | { readonly type: "team"; readonly spaceId: SpaceId }
  | { readonly type: "imaging"; readonly spaceId: SpaceId }
  | { readonly type: "marks"; readonly spaceId: SpaceId }
  | { readonly type: "alarms" };

export type EngineStatus = {
  readonly phase: "starting" | "signed-out" | "awaiting-approval" | "syncing" | "ready" | "follower";
  readonly connection: "online" | "connecting" | "offline";
  readonly me: Me | undefined;
  readonly institution: string;
  /** Present while awaiting approval by another device. */
  readonly pairingCode: string | undefined;
  /** 0…1 while the first opening runs. */
  readonly progress: number;
  readonly isDemo: boolean;
};

export type Me = {
  readonly userId: UserId;
  readonly name: string;
  readonly role: string;
  readonly institution: string;
};

export type DeviceRequest = { readonly requestId: string; readonly atMs: number };

export type PatientLabel = {
  readonly name: string;
  readonly birthDate: string | undefined;
  readonly sex: string | undefined;
  /** Masked, as every screen shows it. */
  readonly identifier: string | undefined;
};

export type CaseSummary = {
  readonly spaceId: SpaceId;
  readonly name: string;
  readonly patient: PatientLabel | undefined;
  readonly unread: number;
  readonly last: { readonly author: string; readonly text: string; readonly atMs: number } | undefined;
  readonly members: number;
  /** The person has been removed: what was opened before stays readable on this device until it is cleared. */
  readonly removed: boolean;
};

export type PersonChoice = {
  readonly orgId: OrgId;
  readonly institution: string;
  readonly staffId: string;
  readonly name: string;
  readonly role: string;
  readonly specialty: string | undefined;
  readonly userId: UserId | null;
};

export type ImportUpload = {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly file: Blob }[];
};

export type CaseDraft = {
  readonly name: string;
  readonly patient: PatientChoice;
  readonly invite: readonly PersonChoice[];
};

export type MessageDraft = { readonly text: string; readonly card?: ResultCard };

/** `queued` on this device · `stored` by the hub · `delivered`/`read` by the signed word of the receiving device. */
export type DeliveryState = "queued" | "stored" | "delivered" | "read";

export type RoomItem =
  | {
      readonly type: "message";
      readonly id: string;
      readonly author: { readonly userId: UserId; readonly name: string; readonly institution: string };
      readonly mine: boolean;
      readonly text: string;
      readonly card: ResultCard | undefined;
      readonly atMs: number;
      readonly state: DeliveryState;
      readonly deliveredTo: readonly string[];
      readonly readBy: readonly string[];
      /** Proven by the log, or so far only by the author's signature. */
      readonly proof: "logged" | "provisional";
    }
  | {
      readonly type: "event";
      readonly id: string;
      readonly event: "created" | "invited" | "joined" | "declined" | "removed" | "record-linked";
      readonly who: string;
      readonly by: string | undefined;
      readonly atMs: number;
    }
  | { readonly type: "imaging"; readonly id: string; readonly card: ImagingCard; readonly atMs: number }
  | {
      /** A visible gap: something was withheld, or refused. */
      readonly type: "gap";
      readonly id: string;
      readonly code: ErrorCode;
      readonly author: string | undefined;
      readonly atMs: number;
    };

export type RoomView = {
  readonly spaceId: SpaceId;
  readonly name: string;
  readonly patient: PatientLabel | undefined;
  readonly items: readonly RoomItem[];
  readonly canWrite: boolean;
  readonly members: number;
};

export type RecordView = {
  readonly spaceId: SpaceId;
  readonly picture: Picture;
  /** How much of the record has been verified on this device. */
  readonly verified: number;
  readonly total: number;
  readonly refused: number;
  /** Institutions of the case whose record of the patient cannot be opened (yet). */
  readonly missingInstitutions: readonly string[];
};

export type SourceView = {
  readonly institution: string;
  readonly system: string;
  readonly authorDevice: string;
  readonly receivedMs: number;
  readonly logged: boolean;
  readonly entryId: EntryId;
  readonly compId: CompId;
  readonly original: { readonly mediaType: string; readonly text: string } | undefined;
  /** The FHIR resource exactly as deposited. */
  readonly json: string;
};

export type TeamMember = {
  readonly userId: UserId | undefined;
  readonly name: string;
  readonly role: string;
  readonly institution: string;
  readonly isGateway: boolean;
  readonly status: "member" | "invited" | "declined" | "removed";
  /** What this member can open, as words of the glossary: room, decision, emergency, clinical. */
  readonly opens: readonly string[];
  readonly canRemove: boolean;
};

export type TeamView = {
  readonly spaceId: SpaceId;
  readonly members: readonly TeamMember[];
  readonly canInvite: boolean;
};

export type Alarm = {
  readonly id: string;
  readonly code: ErrorCode;
  readonly spaceId: SpaceId | undefined;
  readonly atMs: number;
};
