import { z } from "zod";
import { spaceIdField, timeField } from "../wire-fields.ts";

/**
 * Whether a chart of this institution is the patient's of a case: what is not certain is a person's to say. Under /app for a member of staff,
 * under /admin for the bearer of the gateway's token. What is confirmed is told to the case by the gateway that keeps the chart, in a signed
 * entry that a later one takes back.
 */
export const LINK_STATES = ["suggested", "confirmed", "refused"] as const;

const linkedPerson = z.object({
  name: z.string(),
  birthDate: z.string().nullable(),
  sex: z.string().nullable(),
  identifiers: z.array(z.object({ system: z.string(), masked: z.string() })),
});

/** GET …/links: what waits for a person first, then the newest. */
export const chartLink = z.object({
  spaceId: spaceIdField,
  /** This institution's own number of the record. */
  patientId: z.string().regex(/^[1-9][0-9]{0,17}$/),
  caseName: z.string(),
  state: z.enum(LINK_STATES),
  /** The last answer of a person; `null` where policy alone decided. */
  answered: z.object({ by: z.string(), atMs: timeField }).nullable(),
  /** The patient as the case describes them, and as this institution's record does. */
  inCase: linkedPerson,
  onRecord: linkedPerson,
  /** Issuers whose number both have. */
  shared: z.array(z.string()),
});
export const chartLinks = z.object({ links: z.array(chartLink) });

/** POST …/links: a person's answer; `suggested` takes an answer back. */
export const chartLinkAnswer = chartLink.pick({ spaceId: true, patientId: true, state: true });

export type LinkState = (typeof LINK_STATES)[number];
export type ChartLink = z.infer<typeof chartLink>;
export type ChartLinkAnswer = z.infer<typeof chartLinkAnswer>;
