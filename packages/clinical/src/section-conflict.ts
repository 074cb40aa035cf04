import { bloodGroupText, contradicts } from "./blood-group.ts";
import { dateTimeToMs } from "./clinical-time.ts";
import { sourcesOf } from "./content.ts";
import { objectOf, textOf } from "./fhir-value.ts";
import { compareVersions } from "./identity-index.ts";
import type { Conflict } from "./picture.ts";
import { isInactive, isOnlyNonDrugAllergy } from "./resource-description.ts";
import type { Statement } from "./statement.ts";
import { readDose } from "./substances/dose.ts";
import { compareText } from "./text-order.ts";

/**
 * What two sources say about allergies and cannot both be true: none against one, and one against the same one refuted,
 * resolved or inactive. Both are shown, and nobody is believed in silence.
 */
export function allergyConflicts(speaking: readonly Statement[]): Conflict[] {
  const none = speaking.filter(({ absence }) => absence?.scope === "all" || absence?.scope === "drug");
  const named = speaking.filter(({ absence, kind }) => absence === undefined && kind === "allergy");
  const warning = named.filter((statement) => isWarning(statement));
  return [
    ...deniedAllergies(warning, none),
    ...statusConflicts({
      kind: "allergy",
      statements: named,
      isPresent: isWarning,
      isOver: (each) => !isWarning(each),
    }),
  ];
}

/**
 * A diagnosis that one source has as active and another as over. An episode that began after the other had ended is
 * another episode and no conflict.
 */
export function problemConflicts(speaking: readonly Statement[]): Conflict[] {
  return statusConflicts({
    kind: "problem-status",
    statements: speaking.filter(({ absence }) => absence === undefined),
    isPresent: ({ status }) => PRESENT.has(status ?? ""),
    isOver: ({ status }) => OVER.has(status ?? ""),
  });
}

/** Determinations of blood group that cannot be one patient's: one of them was another person's blood. */
export function bloodGroupConflicts(statements: readonly Statement[]): Conflict[] {
  const read = statements.flatMap((statement) =>
    statement.bloodGroup === undefined ? [] : [{ statement, group: statement.bloodGroup }],
  );
  const contradicted = read.filter(({ group }) => read.some((other) => contradicts(group, other.group)));
  if (contradicted.length === 0) return [];
  const byText = Map.groupBy(contradicted, ({ group }) => bloodGroupText(group));
  return [
    {
      id: "blood-group",
      kind: "blood-group",
      title: "Blood group",
      statements: [...byText]
        .sort(([a], [b]) => compareText(a, b))
        .map(([text, members]) => ({ text, sources: sourcesOf(members.map(({ statement }) => statement)) })),
    },
  ];
}

/**
 * One medicine that two institutions have a patient take differently today. Compared are the amounts a day where both are
 * certain, else the strengths; instructions that are not understood are shown with the medicine and compared with nothing.
 */
export function doseConflicts(statements: readonly Statement[]): Conflict[] {
  const taken = statements.filter(
    ({ absence, status }) => absence === undefined && (status === undefined || status === "active"),
  );
  return [...Map.groupBy(taken, ({ medicine }) => medicine?.substances.join(" + ") ?? "")]
    .filter(([substances]) => substances !== "")
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([substances, members]) => {
      const regimens = [...Map.groupBy(members, ({ source }) => source.institutionId).values()];
      if (!regimens.some((one) => regimens.some((other) => takesOtherwise(one, other)))) return [];
      return [
        { id: `dose|${substances}`, kind: "dose" as const, title: substances, statements: byText(members, doseText) },
      ];
    });
}

/** FHIR R4 condition-clinical. */
const PRESENT = new Set(["active", "recurrence", "relapse"]);
const OVER = new Set(["inactive", "remission", "resolved", "refuted"]);

function isWarning({ resource, status }: Statement): boolean {
  return status !== "refuted" && !isInactive(resource);
}

function deniedAllergies(warning: readonly Statement[], none: readonly Statement[]): Conflict[] {
  const denying = none.filter(
    ({ absence }) =>
      absence?.section === "allergies" &&
      warning.some(({ resource }) => absence.scope === "all" || !isOnlyNonDrugAllergy(resource)),
  );
  const onlyDrugDenied = denying.every(({ absence }) => absence?.scope === "drug");
  const contradicted = warning.filter(({ resource }) => !onlyDrugDenied || !isOnlyNonDrugAllergy(resource));
  if (denying.length === 0 || contradicted.length === 0) return [];
  const statements = [...byText(denying, titleOf), ...byText(contradicted, titleOf)];
  return [{ id: "allergy", kind: "allergy", title: "Allergies", statements }];
}

type StatusQuestion = {
  readonly kind: "allergy" | "problem-status";
  readonly statements: readonly Statement[];
  readonly isPresent: (statement: Statement) => boolean;
  readonly isOver: (statement: Statement) => boolean;
};

function statusConflicts({ kind, statements, isPresent, isOver }: StatusQuestion): Conflict[] {
  return [...Map.groupBy(statements, ({ subjectKey }) => subjectKey)]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([subjectKey, members]) => {
      const present = members.filter(isPresent);
      const over = members.filter(isOver);
      const contradicting = present.filter((one) => over.some((other) => cannotBothBe(one, other)));
      const contradicted = over.filter((other) => contradicting.some((one) => cannotBothBe(one, other)));
      const newest = [...contradicting].sort(compareVersions).at(-1);
      if (newest === undefined) return [];
      const texts = [...byText(contradicting, statusText), ...byText(contradicted, statusText)];
      return [{ id: `${kind}|${subjectKey}`, kind, title: newest.title, statements: texts }];
    });
}

/** One system keeps several episodes of a disease itself; only another's word contradicts it. */
function cannotBothBe(present: Statement, over: Statement): boolean {
  const isSameSystem =
    present.source.institutionId === over.source.institutionId && present.source.system === over.source.system;
  return !isSameSystem && !beganAfter(present, over);
}

function beganAfter(present: Statement, over: Statement): boolean {
  const abatement = over.resource.abatementDateTime ?? objectOf(over.resource.abatementPeriod)?.end;
  const endMs = dateTimeToMs(textOf(abatement));
  return endMs !== undefined && present.atMs !== undefined && present.atMs > endMs;
}

function takesOtherwise(one: readonly Statement[], other: readonly Statement[]): boolean {
  const [a, b] = [perDay(one), perDay(other)];
  if (a !== undefined && b !== undefined) return Math.abs(a - b) > 0.01 * Math.max(a, b);
  const [strengths, others] = [strengthsOf(one), strengthsOf(other)];
  return strengths.size > 0 && others.size > 0 && ![...strengths].some((strength) => others.has(strength));
}

/** Milligrams a day over all strengths; a prescription and its dispensing count once. */
function perDay(members: readonly Statement[]): number | undefined {
  const byStrength = Map.groupBy(members, ({ medicine }) => medicine?.strengths.join() ?? "");
  let total = 0;
  for (const alike of byStrength.values()) {
    const doses = new Set(alike.map(({ resource, medicine }) => readDose(resource, medicine)?.perDay));
    const [dose] = doses;
    if (doses.size !== 1 || dose === undefined) return undefined;
    total += dose;
  }
  return total;
}

function strengthsOf(members: readonly Statement[]): Set<string> {
  // Of a combination the strengths belong together.
  return new Set(
    members.flatMap(({ medicine }) => {
      if (medicine === undefined || medicine.strengths.length === 0) return [];
      return medicine.substances.length > 1 ? [medicine.strengths.join(" + ")] : medicine.strengths;
    }),
  );
}

function doseText({ title, detail }: Statement): string {
  return detail === undefined ? title : `${title}: ${detail}`;
}

function titleOf({ title }: Statement): string {
  return title;
}

function statusText({ title, status }: Statement): string {
  return `${title}: ${status ?? "active"}`;
}

function byText(statements: readonly Statement[], textOfOne: (statement: Statement) => string): Conflict["statements"] {
  return [...Map.groupBy(statements, textOfOne)]
    .sort(([a], [b]) => compareText(a, b))
    .map(([text, members]) => ({ text, sources: sourcesOf(members) }));
}
