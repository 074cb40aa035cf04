import type { FhirText } from "@caseroom/fhir";

/** Resources of one patient, the Patient first. */
export type PatientGroup = { readonly patient: FhirText; readonly resources: readonly FhirText[] };

export type Grouped = {
  readonly groups: readonly PatientGroup[];
  /** Resources that refer to no patient who is there, and that nobody's resources refer to. */
  readonly unattached: readonly FhirText[];
};

const ID = /^\s*\{[^{}[\]]*"id"\s*:\s*"([^"\\]{1,64})"/;
const REFERENCE = /"reference"\s*:\s*"(?:urn:uuid:|([A-Za-z]+)\/)([^"/\\]{1,64})/g;

/**
 * Sorts what a bundle or a bulk export holds by patient: what refers to a Patient goes with it, and what such resources refer to
 * (a practitioner, an organization, a medication) goes with each of them. With a single Patient everything is about that patient.
 */
export function groupByPatient(resources: readonly FhirText[]): Grouped {
  const patients = resources.filter(({ resourceType }) => resourceType === "Patient");
  const others = resources.filter(({ resourceType }) => resourceType !== "Patient");
  const [only] = patients;
  if (only !== undefined && patients.length === 1)
    return { groups: [{ patient: only, resources: others }], unattached: [] };
  const patientOf = new Map(patients.flatMap((patient) => mapId(patient, patient)));
  const byPatient = new Map<FhirText, FhirText[]>(patients.map((patient) => [patient, []]));
  const rest: FhirText[] = [];
  for (const resource of others) {
    const named = new Set(referencesOf(resource).flatMap((id) => patientOf.get(id) ?? []));
    if (named.size === 0) rest.push(resource);
    for (const patient of named) byPatient.get(patient)?.push(resource);
  }
  const taken = new Set<FhirText>();
  const restById = new Map(rest.flatMap((resource) => mapId(resource, resource)));
  const groups = [...byPatient].map(([patient, own]) => {
    const referred = followReferences([patient, ...own], restById);
    for (const resource of referred) taken.add(resource);
    return { patient, resources: [...own, ...referred] };
  });
  return { groups, unattached: rest.filter((resource) => !taken.has(resource)) };
}

/** What these refer to, what that refers to, and so on, among `known`. */
function followReferences(from: readonly FhirText[], known: ReadonlyMap<string, FhirText>): readonly FhirText[] {
  const found = new Set<FhirText>();
  const open = [...from];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const id of referencesOf(next)) {
      const resource = known.get(id);
      if (resource === undefined || found.has(resource)) continue;
      found.add(resource);
      open.push(resource);
    }
  }
  return [...found];
}

function mapId<T>(resource: FhirText, value: T): [string, T][] {
  const id = idOf(resource);
  return id === undefined ? [] : [[id, value]];
}

function idOf({ json }: FhirText): string | undefined {
  const quick = ID.exec(json)?.[1];
  if (quick !== undefined) return quick;
  const parsed: unknown = JSON.parse(json);
  const id: unknown = typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "id") : undefined;
  return typeof id === "string" ? id : undefined;
}

/** Ids that a resource refers to, whatever their type: ids within one bundle or export do not collide in practice, nor here by type. */
function referencesOf({ json }: FhirText): readonly string[] {
  return [...json.matchAll(REFERENCE)].flatMap(([, , id]) => id ?? []);
}
