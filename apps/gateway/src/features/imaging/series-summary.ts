import { createHash } from "node:crypto";
import type { StudyInstance } from "./pack-store.ts";
import { firstText, parseHeader } from "./qido-header.ts";

/** Instances named one by one in an ImagingStudy, in all its series: an entry holds at most 64 KiB. */
const MAX_LISTED = 150;
const DICOM_UID = "urn:dicom:uid";

/**
 * FHIR R4 ImagingStudy of what the hub has of a study. The same study has the same id and identifier each time, so that a later version takes
 * the place of an earlier one.
 */
export function imagingStudy(input: {
  readonly study: string;
  readonly instances: readonly StudyInstance[];
  readonly headers: readonly { readonly series: string; readonly header: string }[];
  readonly updatedMs: number;
}): string {
  const { study, instances } = input;
  const headers = new Map(input.headers.map(({ series, header }) => [series, parseHeader(header)]));
  const bySeries = [...Map.groupBy(instances, ({ series }) => series)];
  const perSeries = Math.max(1, Math.floor(MAX_LISTED / Math.max(1, bySeries.length)));
  const [first] = headers.values();
  const started =
    first === undefined ? undefined : startedOf(firstText(first, "00080020"), firstText(first, "00080030"));
  const description = first === undefined ? undefined : firstText(first, "00081030");
  return JSON.stringify({
    resourceType: "ImagingStudy",
    id: studyResourceId(study),
    meta: { lastUpdated: new Date(input.updatedMs).toISOString() },
    identifier: [{ system: DICOM_UID, value: `urn:oid:${study}` }],
    status: "available",
    modality: [...new Set(instances.map(({ modality }) => modality))].filter((one) => one !== "").map(modalityCoding),
    subject: { display: "The patient of this chart" },
    ...(started === undefined ? {} : { started }),
    numberOfSeries: bySeries.length,
    numberOfInstances: instances.length,
    ...(description === undefined ? {} : { description: description.slice(0, 500) }),
    series: bySeries.slice(0, MAX_LISTED).map(([uid, members]) => {
      const header = headers.get(uid);
      const number = Number(header === undefined ? undefined : firstText(header, "00200011"));
      const words = header === undefined ? undefined : firstText(header, "0008103E");
      const site = header === undefined ? undefined : firstText(header, "00180015");
      return {
        uid,
        ...(Number.isInteger(number) && number >= 0 ? { number } : {}),
        modality: modalityCoding(members[0]?.modality ?? "OT"),
        ...(words === undefined ? {} : { description: words.slice(0, 200) }),
        numberOfInstances: members.length,
        ...(site === undefined ? {} : { bodySite: { display: site.slice(0, 100) } }),
        instance: members.slice(0, perSeries).map(({ sop, sopClass }) => ({
          uid: sop,
          sopClass: { system: "urn:ietf:rfc:3986", code: `urn:oid:${sopClass}` },
        })),
      };
    }),
  });
}

/** FHIR id: at most 64 of [A-Za-z0-9.-]; a UID may be as long, so its hash stands for it. */
function studyResourceId(study: string): string {
  return `study-${createHash("sha256").update(study).digest("hex").slice(0, 40)}`;
}

function modalityCoding(code: string) {
  return { system: "http://dicom.nema.org/resources/ontology/DCM", code: code === "" ? "OT" : code };
}

/** FHIR dateTime of StudyDate and StudyTime: DICOM names no zone, so that a time is given in this institution's own (phase 2: Hong Kong). */
function startedOf(date: string | undefined, time: string | undefined): string | undefined {
  const day = /^(\d{4})(\d{2})(\d{2})$/.exec(date ?? "");
  if (day === null) return undefined;
  const iso = `${day[1]}-${day[2]}-${day[3]}`;
  const clock = /^(\d{2})(\d{2})(\d{2})?/.exec(time ?? "");
  return clock === null ? iso : `${iso}T${clock[1]}:${clock[2]}:${clock[3] ?? "00"}+08:00`;
}
