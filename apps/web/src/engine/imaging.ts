import type { SpaceId, UserId } from "@caseroom/contract";

/** What the screens know of a patient's images. Pixels come one DICOM object at a time, and only while somebody looks at them. */
export type ImagingView = {
  readonly spaceId: SpaceId;
  /** Newest first. */
  readonly studies: readonly ImagingStudy[];
  /** Institutions of the case from which no images were received. */
  readonly silentInstitutions: readonly string[];
};

export type ImagingStudy = {
  /** StudyInstanceUID. */
  readonly study: string;
  /** Local date or date-time as its source wrote it. */
  readonly when: string | undefined;
  readonly modalities: readonly string[];
  readonly description: string | undefined;
  readonly bodyPart: string | undefined;
  readonly institution: string;
  /** Images that have arrived and can be opened. */
  readonly images: number;
  /** As the newest notice of the study counts them, when that is more: the rest is still on its way. */
  readonly expected: number | undefined;
  readonly series: number;
};

export type StudyView = Pick<ImagingStudy, "study" | "when" | "description" | "institution"> & {
  readonly series: readonly SeriesView[];
};

export type SeriesView = {
  readonly series: string;
  readonly modality: string;
  readonly number: number | undefined;
  readonly description: string | undefined;
  /** In the order of their numbers. */
  readonly objects: readonly ImageObject[];
};

export type ImageObject = {
  readonly sop: string;
  readonly sopClass: string;
  readonly number: number;
  /** At least 1 when it is shown. */
  readonly frames: number;
  readonly columns: number;
  readonly rows: number;
  /** Why it cannot be shown as an image here. */
  readonly hidden: HiddenReason | undefined;
  readonly scale: ImageScale;
  /** The image lies somewhere in the patient: marks are kept in the patient's space. */
  readonly isPlaced: boolean;
  /** How long a frame of a moving image stands. */
  readonly frameMs: number | undefined;
  readonly isLossy: boolean;
  readonly sliceMm: number | undefined;
  /** Name and birth date in the object are another person's than the case's. */
  readonly isOtherPatient: boolean;
};

export type HiddenReason =
  | "report"
  | "document"
  | "waveform"
  | "segmentation"
  | "radiotherapy"
  | "presentation"
  | "noPixels"
  | "frames"
  | "other";

/** How far two neighbouring pixels are from each other; `none` wherever the object does not say so beyond doubt. */
export type ImageScale =
  | { readonly type: "none" }
  | {
      /** `detector`: measured where the rays arrive, larger than in the body. */
      readonly type: "patient" | "detector";
      readonly rowMm: number;
      readonly columnMm: number;
    }
  | { readonly type: "regions"; readonly regions: readonly ScaleRegion[] };

/** A rectangle of an ultrasound image with its own scale (PS3.3 C.8.5.5). Edges are pixels, both inside. */
export type ScaleRegion = {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly rowMm: number;
  readonly columnMm: number;
};

export type ObjectAddress = { readonly study: string; readonly series: string; readonly sop: string };

export type MarkPoint = readonly [number, number, number];

export type ImageMarkDraft = {
  readonly kind: "length" | "arrow";
  readonly sop: string;
  /** From 1. */
  readonly frame: number;
  /** Micrometres of the patient's space, or thousandths of a pixel (column, row, 0). */
  readonly space: "patient" | "image";
  readonly points: readonly MarkPoint[];
  readonly text: string;
};

export type ImageMarkView = ImageMarkDraft & {
  readonly id: string;
  readonly author: { readonly userId: UserId; readonly name: string; readonly institution: string };
  readonly mine: boolean;
  readonly atMs: number;
  /** `queued`: waits on this device. */
  readonly state: "queued" | "stored";
};

/** An image card of the conversation: a study whose images have come in. */
export type ImagingCard = Omit<ImagingStudy, "series">;
