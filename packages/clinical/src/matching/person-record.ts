/** What one registration says about one person, as far as it helps to tell people apart. Texts are as the source wrote them. */
export type PersonRecord = {
  readonly names: readonly PersonName[];
  /** `YYYY`, `YYYY-MM` or `YYYY-MM-DD` (FHIR `date`); anything else is taken for unknown. */
  readonly birthDate?: string;
  readonly sex?: "female" | "male" | "other";
  readonly identifiers?: readonly PersonIdentifier[];
  readonly addresses?: readonly PersonAddress[];
  readonly phones?: readonly string[];
  readonly emails?: readonly string[];
  /** `true`, or the date of death; `false` only when the source says so. */
  readonly deceased?: boolean | string;
};

/** A name in one script; a person has several: in Chinese characters, romanised, before a marriage. */
export type PersonName = {
  readonly family?: string;
  readonly given?: readonly string[];
  /** Jr, Sr, II, III, IV: what tells a father from his son. */
  readonly suffix?: string;
  /** Used when neither part is known: `CHAN Tai Man`, `陳大文`. */
  readonly text?: string;
};

export type PersonIdentifier = { readonly system: string; readonly value: string };

export type PersonAddress = {
  /** House, flat or unit number. */
  readonly number?: string;
  readonly street?: string;
  /** Building, estate or property. */
  readonly building?: string;
  /** Town, suburb or district. */
  readonly locality?: string;
  readonly postcode?: string;
  readonly region?: string;
};

/**
 * How far an identifier of a system is trusted. `national`: one number for one person, for life, with a check digit where the system is
 * HKID; two different valid ones are two people. `issuer`: given by one institution, which may have given a person two. `unchecked`: typed
 * from a form or a card without a check (social security numbers in most files): evidence, and never enough by itself.
 */
export type IdentifierTrust = "national" | "issuer" | "unchecked";
