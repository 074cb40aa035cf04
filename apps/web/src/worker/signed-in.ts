import type { CaseIndex, Client, HubApi, NameBook, SignedInDevice, StaffApi } from "@caseroom/client";
import type { GatewayConfig, SpaceId, UserId } from "@caseroom/contract";
import type { CompState } from "@caseroom/space/verify";
import type { EngineStatus } from "../engine/engine.ts";
import type { DeliveryIndex } from "./delivery.ts";
import type { ImagingIndex } from "./imaging-index.ts";
import type { ImageMarks } from "./imaging-marks.ts";
import type { DeskAtGateway } from "./institution-desk.ts";
import type { InvitationWatch } from "./invitation-watch.ts";
import type { MarkSender } from "./mark-sender.ts";
import type { RecordIndex } from "./record-index.ts";
import type { SentMessages } from "./sent-messages.ts";

/** Everything that exists while a person is signed in. */
export type SignedIn = {
  readonly me: UserId;
  readonly config: GatewayConfig;
  readonly device: SignedInDevice;
  readonly api: HubApi;
  readonly client: Client;
  readonly staff: StaffApi;
  readonly cases: CaseIndex;
  readonly records: RecordIndex;
  readonly imaging: ImagingIndex;
  readonly imageMarks: ImageMarks;
  readonly delivery: DeliveryIndex;
  readonly sent: SentMessages;
  readonly marks: MarkSender;
  readonly invitations: InvitationWatch;
  readonly desk: DeskAtGateway;
  readonly names: () => NameBook;
  /** Spaces that are cases and whose room is known here. */
  readonly caseIds: () => readonly SpaceId[];
  readonly room: (spaceId: SpaceId) => CompState | undefined;
  readonly isRemoved: (spaceId: SpaceId) => boolean;
  readonly condition: () => Pick<EngineStatus, "phase" | "connection" | "progress" | "me">;
  readonly close: () => Promise<void>;
};
