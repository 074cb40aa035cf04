import { CATEGORIES } from "./clinical-counts.ts";
import type { FolderRow } from "./covered-folder.ts";
import { DIFFERENCE_REASONS } from "./difference-reason.ts";

/** The table as Markdown: what each file is and what was found in it, beside what an independent counter found. */
export function coverageTable(rows: readonly FolderRow[], kinds: readonly string[]): string {
  const reasons = [...new Set(rows.flatMap((row) => row.reasons))].sort();
  return [
    "# What is read of real files",
    "",
    "Written by `npm run coverage:table -- FOLDER` over a folder of public samples that is not in this repository; the same test runs over `fixtures/` with",
    "`npm test`. Each file goes through the reader of its kind. Beside stands what a counter found that shares nothing with the readers: tags, segments,",
    "members and bytes of the source. `3/5` is three found of five counted; the reason for the difference is one of the list below. Files that may be",
    "refused are named in `tests/samples/may-be-refused.json`, with why; the test fails for any other.",
    "",
    ...summary(rows, kinds),
    "",
    "## Reasons for a difference",
    "",
    "| reason | what was counted and is no statement of its own |",
    "| --- | --- |",
    ...reasons.map((reason) => `| ${reason} | ${DIFFERENCE_REASONS[reason]} |`),
    ...kinds.flatMap((kind) => section(kind, rowsOf(rows, kind))),
    "",
  ].join("\n");
}

function rowsOf(rows: readonly FolderRow[], kind: string): readonly FolderRow[] {
  return rows.filter(({ file }) => file.startsWith(`${kind}/`));
}

function summary(rows: readonly FolderRow[], kinds: readonly string[]): readonly string[] {
  const lines = kinds.map((kind) => {
    const own = rowsOf(rows, kind);
    const by = (status: FolderRow["status"]) => own.filter((row) => row.status === status).length;
    const sums = CATEGORIES.map((category) => own.reduce((sum, row) => sum + row.found[category], 0));
    return `| ${[kind, own.length, by("read"), by("refused"), by("quarantined"), ...sums].join(" | ")} |`;
  });
  const head = ["kind", "files", "read", "refused", "quarantined", ...CATEGORIES];
  return [`| ${head.join(" | ")} |`, `| ${head.map(() => "---").join(" | ")} |`, ...lines];
}

function section(kind: string, rows: readonly FolderRow[]): readonly string[] {
  const head = ["file", "fate", ...CATEGORIES, "reasons"];
  const lines = rows.map((row) => {
    const numbers = CATEGORIES.map((category) => {
      const [found, counted] = [row.found[category], row.counted[category]];
      return found === counted ? (found === 0 ? "" : String(found)) : `${found}/${counted}`;
    });
    const fate = row.why === undefined ? row.status : `${row.status} (${row.why})`;
    const words: readonly string[] = [
      ...row.reasons,
      ...row.unexplained.map((category) => `**unexplained: ${category}**`),
    ];
    return `| ${[row.file.slice(kind.length + 1), fate, ...numbers, words.join(", ")].join(" | ")} |`;
  });
  return ["", `## ${kind}`, "", `| ${head.join(" | ")} |`, `| ${head.map(() => "---").join(" | ")} |`, ...lines];
}
