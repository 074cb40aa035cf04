/** What one look at a deployment found. A finding that is not fine says what to do. */
export type Finding = {
  readonly about: string;
  readonly isFine: boolean;
  readonly what: string;
  readonly remedy?: string;
};

export function fine(about: string, what: string): Finding {
  return { about, isFine: true, what };
}

export function wrong(about: string, what: string, remedy: string): Finding {
  return { about, isFine: false, what, remedy };
}
