import type { Fragment } from "@caseroom/clinical";

/** What an ImagingStudy resource (FHIR R4) says of a study. */
export type StudyFact = {
  /** StudyInstanceUID. */
  readonly study: string;
  readonly when: string | undefined;
  readonly modalities: readonly string[];
  readonly description: string | undefined;
  readonly bodyPart: string | undefined;
  readonly images: number | undefined;
  readonly institution: string;
  readonly receivedMs: number;
};

const MAX_SERIES = 1000;

/** `undefined` for another resource, or one that names no study of DICOM. */
export function readStudyFact({ resourceType, resource, provenance }: Fragment): StudyFact | undefined {
  if (resourceType !== "ImagingStudy") return undefined;
  const study = list(resource, "identifier")
    .filter((identifier) => text(identifier, "system") === "urn:dicom:uid")
    .flatMap((identifier) => text(identifier, "value") ?? [])
    .map((value) => value.replace(/^urn:oid:/, ""))[0];
  if (study === undefined) return undefined;
  const series = list(resource, "series").slice(0, MAX_SERIES);
  const modalities = [...list(resource, "modality"), ...series.map((one) => read(one, "modality"))];
  const [site] = series.flatMap((one) => nameOf(read(one, "bodySite")) ?? []);
  return {
    study,
    when: text(resource, "started"),
    modalities: [...new Set(modalities.flatMap((one) => text(one, "code") ?? []))],
    description: text(resource, "description") ?? series.flatMap((one) => text(one, "description") ?? [])[0],
    bodyPart: site,
    images: count(resource, "numberOfInstances"),
    institution: provenance.institution,
    receivedMs: provenance.receivedMs,
  };
}

function nameOf(coding: unknown): string | undefined {
  return text(coding, "display") ?? text(coding, "code");
}

function read(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function list(value: unknown, name: string): readonly unknown[] {
  const items = read(value, name);
  return Array.isArray(items) ? items : [];
}

function text(value: unknown, name: string): string | undefined {
  const found = read(value, name);
  return typeof found === "string" && found !== "" ? found.slice(0, 256) : undefined;
}

function count(value: unknown, name: string): number | undefined {
  const found = read(value, name);
  return typeof found === "number" && Number.isSafeInteger(found) && found >= 0 ? found : undefined;
}
