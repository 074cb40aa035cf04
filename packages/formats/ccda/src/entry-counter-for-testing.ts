/**
 * Counts the statements of a document straight from its tags, sharing nothing with the reader: neither its XML parser
 * nor its tables. What it finds has to be among the resources, or skipped for a reason.
 */
export type Counts = ReadonlyMap<string, number>;

type Tag = { readonly name: string; readonly attributes: string; templates: string[]; code: string | undefined };

const DETAIL = /\.4\.(8|9|28|145|31|6|5|143|113)$/;
const STATEMENT =
  /^entry\/(act|encounter|observation|observationMedia|organizer|procedure|substanceAdministration|supply)$/;

type Shape = readonly [RegExp, kind: string];
const CONCERN = /^entry\/(act\/entryRelationship\/)?observation$/;
const PROBLEM: readonly Shape[] = [[CONCERN, "Condition"]];
const MEDICATION: readonly Shape[] = [[/^entry\/(act\/entryRelationship\/)?substanceAdministration$/, "Medication"]];
const SHAPES: ReadonlyMap<string, readonly Shape[]> = new Map([
  ["48765-2", [[CONCERN, "AllergyIntolerance"]]],
  ...["11450-4", "11348-0", "42347-5", "C-CDAV2-DDN", "10219-4", "10218-6"].map((code) => [code, PROBLEM] as const),
  ...["10160-0", "10183-2", "75311-1", "29549-3"].map((code) => [code, MEDICATION] as const),
  [
    "30954-2",
    [
      [/^entry\/organizer$/, "DiagnosticReport"],
      [/^entry\/(organizer\/component\/)?observation$/, "Observation"],
      [/^entry\/organizer\/component\/procedure$/, "Procedure"],
    ],
  ],
  ["8716-3", [[/^entry\/(organizer\/component\/)?observation$/, "Observation"]]],
  ["29762-2", [[/^entry\/observation$/, "Observation"]]],
  ["11369-6", [[/^entry\/substanceAdministration$/, "Immunization"]]],
  ["47519-4", [[/^entry\/(procedure|act|observation)$/, "Procedure"]]],
  [
    "46240-8",
    [
      [/^entry\/encounter$/, "Encounter"],
      [/^entry\/encounter\/entryRelationship\/act\/entryRelationship\/observation$/, "Condition"],
    ],
  ],
]);

/** Statements by `section code/kind`. */
export function countEntries(xml: string): Counts {
  const counts = new Map<string, number>();
  const stack: Tag[] = [];
  const plain = xml.replace(/<!--[\s\S]*?-->/g, "").replace(/<\?[\s\S]*?\?>/g, "");
  for (const match of plain.matchAll(/<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g)) {
    const [, closing, name = "", attributes = "", selfClosing] = match;
    if (closing === "/") leave(stack, counts);
    else {
      const parent = stack.at(-1);
      if (name === "templateId") parent?.templates.push(value(attributes, "root") ?? "");
      if (name === "code" && parent !== undefined) parent.code ??= value(attributes, "code");
      stack.push({ name, attributes, templates: [], code: undefined });
      if (selfClosing === "/") leave(stack, counts);
    }
  }
  return counts;
}

/** A statement is judged when it ends: only then are its templates known. */
function leave(stack: Tag[], counts: Map<string, number>): void {
  const tag = stack.pop();
  if (tag === undefined) return;
  const at = stack.findLastIndex(({ name }) => name === "section");
  const section = stack[at];
  if (section === undefined) return;
  const inside = [...stack.slice(at + 1), tag];
  const path = inside.map(({ name }) => name).join("/");
  const kind = kindOf(section.code ?? "", path, tag, inside.at(-3));
  if (kind === undefined) return;
  const key = `${section.code ?? ""}/${kind}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function kindOf(section: string, path: string, tag: Tag, above: Tag | undefined): string | undefined {
  const shapes = SHAPES.get(section);
  if (shapes === undefined) return STATEMENT.test(path) ? "Entry" : undefined;
  const [, kind] = shapes.find(([shape]) => shape.test(path)) ?? [];
  if (kind !== "AllergyIntolerance" && kind !== "Condition") return kind;
  if (tag.templates.some((template) => DETAIL.test(template))) return undefined;
  const isDiagnosis = above?.templates.includes("2.16.840.1.113883.10.20.22.4.80") === true;
  return section === "46240-8" && !isDiagnosis ? undefined : kind;
}

function value(attributes: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}\\s*=\\s*["']([^"']*)["']`).exec(attributes)?.[1];
}
