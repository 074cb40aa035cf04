import type { QuarantineFinding } from "@caseroom/contract";
import classes from "./quarantine.module.css";

type MarkedTextProps = {
  readonly text: string;
  readonly findings: readonly QuarantineFinding[];
  readonly labelledBy: string;
};

/** A message or resource with its faulty places marked. Always from left to right: it is written for machines. */
export function MarkedText({ text, findings, labelledBy }: MarkedTextProps) {
  const pieces = cut(text, findings);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.text} tabIndex={0} aria-labelledby={labelledBy}>
      <pre dir="ltr">
        {pieces.map(({ from, part, isMarked }) => (isMarked ? <mark key={from}>{part}</mark> : part))}
      </pre>
    </section>
  );
}

type Piece = { readonly from: number; readonly part: string; readonly isMarked: boolean };

function cut(text: string, findings: readonly QuarantineFinding[]): readonly Piece[] {
  const marks = findings.flatMap(({ mark }) => mark ?? []).sort((a, b) => a.from - b.from);
  const pieces: Piece[] = [];
  let at = 0;
  for (const { from, to } of marks) {
    if (from < at) continue;
    pieces.push({ from: at, part: text.slice(at, from), isMarked: false });
    pieces.push({ from, part: text.slice(from, to), isMarked: true });
    at = to;
  }
  return [...pieces, { from: at, part: text.slice(at), isMarked: false }];
}
