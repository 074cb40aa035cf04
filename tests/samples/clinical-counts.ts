/** What issue and table count; each is a set of resource types. */
export const CATEGORIES = [
  "allergies",
  "medications",
  "problems",
  "results",
  "immunizations",
  "procedures",
  "documents",
  "images",
] as const;
export type Category = (typeof CATEGORIES)[number];
export type Counts = Readonly<Record<Category, number>>;

const CATEGORY_BY_TYPE: ReadonlyMap<string, Category> = new Map<string, Category>([
  ["AllergyIntolerance", "allergies"],
  ["Condition", "problems"],
  ["DocumentReference", "documents"],
  ["ImagingStudy", "images"],
  ["Immunization", "immunizations"],
  ["MedicationAdministration", "medications"],
  ["MedicationDispense", "medications"],
  ["MedicationRequest", "medications"],
  ["MedicationStatement", "medications"],
  ["Observation", "results"],
  ["Procedure", "procedures"],
]);

export const NOTHING: Counts = {
  allergies: 0,
  medications: 0,
  problems: 0,
  results: 0,
  immunizations: 0,
  procedures: 0,
  documents: 0,
  images: 0,
};

export function categoryOf(resourceType: string): Category | undefined {
  return CATEGORY_BY_TYPE.get(resourceType);
}

export function countTypes(resourceTypes: readonly string[]): Counts {
  return resourceTypes.reduce((counts, type) => {
    const category = categoryOf(type);
    return category === undefined ? counts : add(counts, { ...NOTHING, [category]: 1 });
  }, NOTHING);
}

export function add(a: Counts, b: Counts): Counts {
  return {
    allergies: a.allergies + b.allergies,
    medications: a.medications + b.medications,
    problems: a.problems + b.problems,
    results: a.results + b.results,
    immunizations: a.immunizations + b.immunizations,
    procedures: a.procedures + b.procedures,
    documents: a.documents + b.documents,
    images: a.images + b.images,
  };
}
