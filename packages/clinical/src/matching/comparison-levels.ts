/** The fields that are compared and how each can agree, best first. A field that one of the two does not have is not compared. */
export const FIELD_LEVELS = {
  surname: ["same", "variant", "close", "different"],
  given: ["same", "variant", "close", "initial", "different"],
  birthDate: ["same", "swapped", "near", "part", "different"],
  sex: ["same", "different"],
  national: ["same", "near", "different"],
  issuer: ["same", "different"],
  number: ["same", "near", "different"],
  house: ["same", "near", "different"],
  street: ["same", "close", "different"],
  building: ["same", "close", "different"],
  locality: ["same", "close", "different"],
  postcode: ["same", "near", "different"],
  region: ["same", "different"],
  phone: ["same", "near", "different"],
  email: ["same", "close", "different"],
} as const;

export type FieldName = keyof typeof FIELD_LEVELS;
export type Level = (typeof FIELD_LEVELS)[FieldName][number];

/** In the order in which a person reads them. */
export const FIELD_NAMES = [
  "surname",
  "given",
  "birthDate",
  "sex",
  "national",
  "issuer",
  "number",
  "house",
  "street",
  "building",
  "locality",
  "postcode",
  "region",
  "phone",
  "email",
] as const satisfies readonly FieldName[];

/** What the address says together; living together is one fact, not six. */
export const ADDRESS_FIELDS: ReadonlySet<FieldName> = new Set([
  "house",
  "street",
  "building",
  "locality",
  "postcode",
  "region",
]);

/** How one field of two people agrees, and the two texts that were compared, folded. */
export type FieldComparison = { readonly level: Level; readonly left: string; readonly right: string };
export type Comparison = { readonly [field in FieldName]?: FieldComparison } & { readonly isNameSwapped: boolean };
