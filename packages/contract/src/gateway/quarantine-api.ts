import { z } from "zod";
import { ERROR_CODES } from "../errors.ts";
import { countField, timeField } from "../wire-fields.ts";

/**
 * What a source sent and could not be used, for a person to look at, to mend and to send through the same door again. Under /app for a
 * member of staff, under /admin for the bearer of the gateway's token: the same paths and bodies.
 */

/** By which door it came. */
export const QUARANTINE_SOURCES = ["hl7v2", "dimse", "stow", "import", "fhir", "packer"] as const;
export const QUARANTINE_STATES = ["waiting", "replayed", "discarded"] as const;
export const QUARANTINE_ACTS = ["opened", "downloaded", "repaired", "replayed", "refused", "discarded"] as const;

/** What does not hold, as far as it can be said; what a person reads is chosen by it. `none`: nothing any more, it may be replayed. */
export const FINDING_KINDS = [
  "birth-date",
  "sex",
  "other-person",
  "two-patients",
  "no-identifier",
  "missing-field",
  "unreadable",
  "unsupported",
  "too-large",
  "same-number",
  "wrong-instance",
  "pack-refused",
  "none",
] as const;

const itemId = z.string().regex(/^[1-9][0-9]{0,17}$/);
const versionField = z.number().int().min(1).max(2_147_483_647);
const queryVersionField = z.coerce.number().int().min(1).max(2_147_483_647);

/** Bytes of a text that is shown and mended on a screen; what is larger is downloaded and repaired as a file. */
export const MAX_QUARANTINE_TEXT = 500_000;

/** GET …/quarantine: newest first. */
export const quarantineQuery = z.object({
  state: z.enum(QUARANTINE_STATES).default("waiting"),
  source: z.enum(QUARANTINE_SOURCES).optional(),
  /** `next` of the page before. */
  before: itemId.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
export const quarantineItem = z.object({
  id: itemId,
  receivedMs: timeField,
  source: z.enum(QUARANTINE_SOURCES),
  /** Who sent it: application and facility, application entity, client. */
  sender: z.string(),
  mediaType: z.string(),
  code: z.enum(ERROR_CODES),
  why: z.enum(FINDING_KINDS),
  /** Segment and field, tag, or element; empty when it is the whole. */
  place: z.string(),
  state: z.enum(QUARANTINE_STATES),
  /** The newest version; 1 is the original. */
  version: countField,
  size: countField,
});
export const quarantineItems = z.object({
  items: z.array(quarantineItem),
  next: itemId.nullable(),
  waiting: countField,
});

/** GET …/quarantine/:id?version= : one of them with why it was not taken, as judged now. */
export const quarantineAddress = z.object({ id: itemId });
export const quarantineVersionQuery = z.object({ version: queryVersionField.optional() });
const shownPatient = z.object({
  name: z.string(),
  birthDate: z.string().nullable(),
  sex: z.string().nullable(),
  identifiers: z.array(z.object({ system: z.string(), masked: z.string() })),
});
export const quarantineFinding = z.object({
  kind: z.enum(FINDING_KINDS),
  place: z.string(),
  /** What it says, and what the record of the patient says. */
  said: z.string().nullable(),
  known: z.string().nullable(),
  /** Where in `text`, in UTF-16 code units. */
  mark: z.object({ from: countField, to: countField }).nullable(),
});
export const quarantineDetail = z.object({
  item: quarantineItem,
  /** The version that is shown. */
  version: countField,
  findings: z.array(quarantineFinding),
  /** Whom it says that it is about, and whom this institution knows by the same numbers. */
  said: shownPatient.nullable(),
  known: z.array(shownPatient),
  /** A message or resource as text, its segments on lines; `null` for what is no text. */
  text: z.string().nullable(),
  /** Of an image: what its header says. */
  fields: z.array(z.object({ place: z.string(), name: z.string(), value: z.string() })),
  versions: z.array(z.object({ version: countField, atMs: timeField, by: z.string().nullable(), size: countField })),
  acts: z.array(
    z.object({
      act: z.enum(QUARANTINE_ACTS),
      atMs: timeField,
      by: z.string(),
      version: countField.nullable(),
      code: z.enum(ERROR_CODES).nullable(),
      note: z.string().nullable(),
    }),
  ),
});

/** GET …/quarantine/:id/versions/:version : the bytes. */
export const quarantineVersionAddress = z.object({ id: itemId, version: queryVersionField });

/** POST …/quarantine/:id/versions?base= : a repaired version, as text, or as bytes (application/octet-stream). STALE_VIEW when `base` is not the newest. */
export const quarantineRepairQuery = z.object({ base: queryVersionField });
export const quarantineRepair = z.object({ text: z.string().min(1).max(MAX_QUARANTINE_TEXT) });
export const quarantineRepaired = z.object({ version: countField });

/** POST …/quarantine/:id/replay : through the door by which it came. A refusal has the code of the new reason; the item waits on. */
export const quarantineReplay = z.object({ version: versionField });

/** POST …/quarantine/:id/discard : nothing is deleted, but nobody is asked about it any more. */
export const quarantineDiscard = z.object({ reason: z.string().trim().min(3).max(500) });

export type QuarantineSource = (typeof QUARANTINE_SOURCES)[number];
export type QuarantineState = (typeof QUARANTINE_STATES)[number];
export type QuarantineAct = (typeof QUARANTINE_ACTS)[number];
export type FindingKind = (typeof FINDING_KINDS)[number];
export type QuarantineQuery = z.infer<typeof quarantineQuery>;
export type QuarantineItem = z.infer<typeof quarantineItem>;
export type QuarantineItems = z.infer<typeof quarantineItems>;
export type QuarantineFinding = z.infer<typeof quarantineFinding>;
export type QuarantineDetail = z.infer<typeof quarantineDetail>;
