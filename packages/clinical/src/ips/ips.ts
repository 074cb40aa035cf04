import { type FhirObject, isFhirObject } from "../fhir-value.ts";
import type { Fragment } from "../fragment.ts";
import { unquoteNumbers } from "../json-text.ts";
import type { Conflict, Fact, Picture, Section, Source, TimelineKind } from "../picture.ts";
import { adaptResource, type DocumentResource } from "./ips-resource.ts";
import { IPS_SECTIONS, type IpsSection, type IpsWords } from "./ips-words.ts";

export type IpsInput = {
  readonly picture: Picture;
  /** The deposited resource behind a source; `undefined` when it is not at hand: then the words stand alone. */
  readonly fragmentOf: (fragmentId: string) => Fragment | undefined;
  readonly words: IpsWords;
  readonly nowMs: number;
  /** A new UUID in lower case. */
  readonly newId: () => string;
  /** Who makes the summary. */
  readonly institution: string;
};

/**
 * The picture as an International Patient Summary (IPS 2.0.1): the JSON text of a FHIR R4 document bundle. The three
 * required sections are always there, with entries or with the reason for none (ips-comp-1); others only with entries.
 * Numbers stay as their sources wrote them. Conflicts stand in the narrative of their section. `undefined` when the
 * picture does not say who the patient is: a summary of nobody is none.
 */
export function buildIps(input: IpsInput): string | undefined {
  const { picture, words, nowMs, newId } = input;
  const patient = patientOf(input);
  if (patient === undefined) return undefined;
  const organization = { resourceType: "Organization", id: newId(), name: input.institution };
  const author = { reference: `urn:uuid:${organization.id}` };
  const sections = sectionsOf(picture).flatMap((section) => buildSection(section, input, patient.fullUrl));
  const composition = {
    resourceType: "Composition",
    id: newId(),
    language: words.language,
    status: "final",
    type: { coding: [{ system: "http://loinc.org", code: "60591-5", display: "Patient summary Document" }] },
    subject: { reference: patient.fullUrl },
    date: new Date(nowMs).toISOString(),
    author: [author],
    title: words.title,
    custodian: author,
    section: sections.map(({ content }) => content),
  };
  const entries: readonly DocumentResource[] = [
    { fullUrl: `urn:uuid:${composition.id}`, resource: composition },
    patient,
    { fullUrl: author.reference, resource: organization },
    ...sections.flatMap(({ resources }) => resources),
  ];
  return unquoteNumbers(
    JSON.stringify({
      resourceType: "Bundle",
      language: words.language,
      identifier: { system: "urn:ietf:rfc:3986", value: `urn:uuid:${newId()}` },
      type: "document",
      timestamp: new Date(nowMs).toISOString(),
      entry: entries,
    }),
  );
}

type Line = { readonly title: string; readonly detail: string | undefined; readonly sources: readonly Source[] };
type Planned = {
  readonly name: IpsSection;
  readonly lines: readonly Line[];
  readonly state: Section<Fact>["state"];
  readonly silentInstitutions: readonly string[];
  readonly conflicts: readonly Conflict[];
};

const REQUIRED = new Set<IpsSection>(["problems", "allergies", "medications"]);
const TAKEN = new Set(["active", "on-hold", "intended", "unknown"]);
const PAST = new Set(["inactive", "remission", "resolved"]);
/** The newest results of each series; a summary is no archive. */
const RESULTS_OF_SERIES = 2;

function sectionsOf(picture: Picture): readonly Planned[] {
  const { problems, medications } = picture;
  const isPast = ({ status }: Fact) => PAST.has(status ?? "");
  const isTaken = ({ status }: Fact) => status === undefined || TAKEN.has(status);
  const about = (...kinds: readonly Conflict["kind"][]) => picture.conflicts.filter(({ kind }) => kinds.includes(kind));
  return [
    plan("problems", { ...problems, items: problems.items.filter((fact) => !isPast(fact)) }, about("problem-status")),
    plan("allergies", picture.allergies, about("allergy")),
    plan("medications", { ...medications, items: medications.items.filter(isTaken) }, about("dose")),
    planItems("immunizations", picture, "immunization"),
    planResults(picture),
    planItems("procedures", picture, "procedure"),
    plan("devices", picture.devices, []),
    plan("directives", picture.directives, []),
    plan("alerts", picture.alerts, []),
    plan("pastProblems", { ...problems, items: problems.items.filter(isPast) }, []),
  ];
}

function plan(name: IpsSection, section: Section<Fact>, conflicts: readonly Conflict[]): Planned {
  const lines = section.items.map(({ title, otherTitles, detail, status, since, sources }) => ({
    title: [title, ...otherTitles].join(" / "),
    detail: [detail, status, since].filter((part) => part !== undefined).join("; ") || undefined,
    sources,
  }));
  return { name, lines, state: section.state, silentInstitutions: section.silentInstitutions, conflicts };
}

function planItems(name: IpsSection, picture: Picture, kind: TimelineKind): Planned {
  const items = picture.timeline.filter((item) => item.kind === kind && !item.superseded);
  const lines = items.map(({ title, detail, atMs, sources }) => ({
    title,
    detail: [detail, dayOf(atMs)].filter((part) => part !== undefined).join("; ") || undefined,
    sources,
  }));
  return { name, lines, state: "listed", silentInstitutions: [], conflicts: [] };
}

function planResults({ series, conflicts }: Picture): Planned {
  const lines = series.flatMap(({ name, points }) =>
    points.slice(-RESULTS_OF_SERIES).map(({ text, unit, flag, atMs, sources }) => ({
      title: name,
      detail: [unit === undefined ? text : `${text} ${unit}`, flag, dayOf(atMs)]
        .filter((part) => part !== undefined)
        .join("; "),
      sources,
    })),
  );
  const about = conflicts.filter(({ kind }) => kind === "blood-group");
  return { name: "results", lines, state: "listed", silentInstitutions: [], conflicts: about };
}

type Built = { readonly content: FhirObject; readonly resources: readonly DocumentResource[] };

function buildSection(planned: Planned, input: IpsInput, patientUrl: string): Built[] {
  const { name, lines, state } = planned;
  if (lines.length === 0 && !REQUIRED.has(name)) return [];
  const resources = resourcesOf(lines, input, patientUrl);
  const code = state === "asserted-none" ? "nilknown" : "unavailable";
  const reason = { coding: [{ system: "http://terminology.hl7.org/CodeSystem/list-empty-reason", code }] };
  const content = {
    title: input.words.sections[name],
    code: { coding: [{ system: "http://loinc.org", code: IPS_SECTIONS[name] }] },
    text: { status: "generated", div: narrative(planned, input.words) },
    ...(resources.length === 0
      ? { emptyReason: reason }
      : { entry: resources.map(({ fullUrl }) => ({ reference: fullUrl })) }),
  };
  return [{ content, resources }];
}

/** For each line the resource of its newest source that is at hand; a resource that stands behind two lines comes once. */
function resourcesOf(lines: readonly Line[], input: IpsInput, patientUrl: string): readonly DocumentResource[] {
  const byFragment = new Map<string, DocumentResource>();
  for (const { sources } of lines) {
    const fragment = sources
      .toReversed()
      .map(({ fragmentId }) => input.fragmentOf(fragmentId))
      .find((each) => each !== undefined);
    if (fragment === undefined || byFragment.has(fragment.id)) continue;
    const adapted = adaptResource(fragment.json, input.newId(), patientUrl);
    if (adapted !== undefined) byFragment.set(fragment.id, adapted);
  }
  return [...byFragment.values()];
}

function patientOf({ picture, fragmentOf, newId }: IpsInput): DocumentResource | undefined {
  const { patient } = picture;
  if (patient === undefined) return undefined;
  const id = newId();
  const registration = patient.sources
    .toReversed()
    .map(({ fragmentId }) => fragmentOf(fragmentId))
    .find((each) => each !== undefined);
  const adapted = registration === undefined ? undefined : adaptResource(registration.json, id, undefined);
  if (adapted !== undefined && isFhirObject(adapted.resource)) return adapted;
  const { name, birthDate, sex, identifiers } = patient;
  return {
    fullUrl: `urn:uuid:${id}`,
    resource: {
      resourceType: "Patient",
      id,
      identifier: identifiers,
      name: [{ text: name }],
      ...(sex === undefined ? {} : { gender: sex }),
      ...(birthDate === undefined ? {} : { birthDate }),
    },
  };
}

function narrative({ lines, state, silentInstitutions, conflicts }: Planned, words: IpsWords): string {
  const parts: string[] = [];
  if (lines.length > 0) parts.push(`<ul>${lines.map(lineText).join("")}</ul>`);
  else parts.push(paragraph(state === "asserted-none" ? words.noneKnown : words.noInformation));
  for (const { statements } of conflicts) {
    const said = statements.map(({ text, sources }) => lineText({ title: text, detail: undefined, sources }));
    parts.push(paragraph(words.contradiction), `<ul>${said.join("")}</ul>`);
  }
  if (silentInstitutions.length > 0) parts.push(paragraph(`${words.silent} ${silentInstitutions.join(", ")}`));
  const { language, direction } = words;
  return `<div xmlns="http://www.w3.org/1999/xhtml" xml:lang="${language}" lang="${language}" dir="${direction}">${parts.join("")}</div>`;
}

function lineText({ title, detail, sources }: Line): string {
  const institutions = [...new Set(sources.map(({ institution }) => institution))].join(", ");
  const said = detail === undefined ? title : `${title}: ${detail}`;
  return `<li>${escapeXml(`${said} (${institutions})`)}</li>`;
}

function paragraph(text: string): string {
  return `<p>${escapeXml(text)}</p>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (each) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[each] ?? "&quot;");
}

function dayOf(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : new Date(atMs).toISOString().slice(0, 10);
}
