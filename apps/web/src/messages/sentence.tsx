import type { ReactNode } from "react";
import { createElement, Fragment } from "react";

const MARK = "\u0001";

type SentenceProps = {
  /** Asks the catalogue for the sentence with these placeholders; typed keys stay with the caller. */
  readonly say: (placeholders: Readonly<Record<string, string>>) => string;
  readonly parts: Readonly<Record<string, ReactNode>>;
};

/** A sentence of the catalogue with elements in it, e.g. a name in its own direction. What a name contains is never read as markup. */
export function Sentence({ say, parts }: SentenceProps) {
  const placeholders = Object.fromEntries(Object.keys(parts).map((name) => [name, `${MARK}${name}${MARK}`]));
  const pieces = say(placeholders).split(MARK);
  // Odd pieces stood between two marks.
  const nodes = pieces.map((piece, index) => (index % 2 === 1 ? parts[piece] : piece));
  return createElement(Fragment, null, ...nodes);
}
