import { sourcesOf } from "./content.ts";
import { type FhirObject, identifiersOf, objectsOf, textOf, textsOf } from "./fhir-value.ts";
import { compareVersions } from "./identity-index.ts";
import type { Conflict, PatientFacts, Source } from "./picture.ts";
import type { Statement } from "./statement.ts";
import { compareText } from "./text-order.ts";

/** Who the patient is, from every institution's present registration: the newest word for each fact, all identifiers. */
export function buildPatient(registrations: readonly Statement[]): PatientFacts | undefined {
  const newestFirst = [...registrations].sort(compareVersions).reverse();
  if (newestFirst.length === 0) return undefined;
  const birthDate = firstOf(newestFirst, birthDateOf);
  const sex = firstOf(newestFirst, sexOf);
  const identifiers = new Map(
    newestFirst.flatMap(({ resource }) =>
      identifiersOf(resource).map((each) => [`${each.system}|${each.value}`, each]),
    ),
  );
  return {
    name: firstOf(newestFirst, ({ resource }) => patientName(resource)) ?? "",
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(sex === undefined ? {} : { sex }),
    identifiers: [...identifiers].sort(([a], [b]) => compareText(a, b)).map(([, each]) => each),
    sources: newestPerSystem(newestFirst),
  };
}

/** Birth dates and sexes that cannot all be true. A year does not contradict a day of it; `unknown` contradicts nothing. */
export function patientConflicts(registrations: readonly Statement[]): Conflict[] {
  const births = distinct(registrations, birthDateOf);
  const contradicting = births.filter(([date]) =>
    births.some(([other]) => !date.startsWith(other) && !other.startsWith(date)),
  );
  return [
    ...conflict("birth-date", "Date of birth", contradicting),
    ...conflict("sex", "Sex", distinct(registrations, sexOf)),
  ];
}

function conflict(
  kind: "birth-date" | "sex",
  title: string,
  statements: readonly (readonly [string, readonly Statement[]])[],
): Conflict[] {
  if (statements.length < 2) return [];
  return [
    {
      id: kind,
      kind,
      title,
      statements: statements.map(([text, members]) => ({ text, sources: newestPerSystem(members) })),
    },
  ];
}

function distinct(
  registrations: readonly Statement[],
  read: (statement: Statement) => string | undefined,
): (readonly [string, readonly Statement[]])[] {
  const groups = Map.groupBy(registrations, (statement) => read(statement) ?? "");
  return [...groups].filter(([text]) => text !== "").sort(([a], [b]) => compareText(a, b));
}

function firstOf(
  statements: readonly Statement[],
  read: (statement: Statement) => string | undefined,
): string | undefined {
  return statements.map(read).find((text) => text !== undefined);
}

function birthDateOf({ resource }: Statement): string | undefined {
  return textOf(resource.birthDate);
}

function sexOf({ resource }: Statement): string | undefined {
  const sex = textOf(resource.gender);
  return sex === "unknown" ? undefined : sex;
}

/** The official name, with the name in Chinese characters after it when the source has one. */
function patientName(resource: FhirObject): string | undefined {
  const names = objectsOf(resource.name).filter((name) => textOf(name.use) !== "old");
  const texts = [...names.filter((name) => name.use === "official"), ...names.filter((name) => name.use !== "official")]
    .map(humanNameText)
    .filter((text) => text !== undefined);
  const [first] = texts;
  if (first === undefined || /\p{Script=Han}/u.test(first)) return first;
  const chinese = texts.find((text) => /\p{Script=Han}/u.test(text));
  return chinese === undefined ? first : `${first} (${chinese})`;
}

function humanNameText(name: FhirObject): string | undefined {
  const parts = [textOf(name.family), ...textsOf(name.given)].filter((part) => part !== undefined);
  return textOf(name.text) ?? (parts.length === 0 ? undefined : parts.join(" "));
}

function newestPerSystem(registrations: readonly Statement[]): readonly Source[] {
  const ordered = [...registrations].sort(compareVersions);
  const newest = new Map(
    ordered.map((each) => [JSON.stringify([each.source.institutionId, each.source.system]), each]),
  );
  return sourcesOf([...newest.values()]);
}
