/** The sections of an International Patient Summary that this package writes, by their LOINC codes. */
export const IPS_SECTIONS = {
  problems: "11450-4",
  allergies: "48765-2",
  medications: "10160-0",
  immunizations: "11369-6",
  results: "30954-2",
  procedures: "47519-4",
  devices: "46264-8",
  directives: "42348-3",
  alerts: "104605-1",
  pastProblems: "11348-0",
} as const;
export type IpsSection = keyof typeof IPS_SECTIONS;

/** Every word of a summary that no source wrote, in one language. Who shows it in another language gives other words. */
export type IpsWords = {
  /** BCP 47. */
  readonly language: string;
  readonly direction: "ltr" | "rtl";
  readonly title: string;
  readonly sections: { readonly [section in IpsSection]: string };
  /** A source says that there is none. */
  readonly noneKnown: string;
  /** Nobody said anything. */
  readonly noInformation: string;
  /** Before the names of institutions that said nothing about this. */
  readonly silent: string;
  /** Before statements that contradict each other. */
  readonly contradiction: string;
};

export const ENGLISH_IPS_WORDS: IpsWords = {
  language: "en",
  direction: "ltr",
  title: "Patient summary",
  sections: {
    problems: "Active problems",
    allergies: "Allergies and intolerances",
    medications: "Medication",
    immunizations: "Immunizations",
    results: "Results",
    procedures: "Procedures",
    devices: "Implants and devices",
    directives: "Advance directives",
    alerts: "Alerts",
    pastProblems: "Past problems",
  },
  noneKnown: "None known, as a source states.",
  noInformation: "No information. This does not mean that there is none.",
  silent: "Said nothing about this:",
  contradiction: "Sources contradict each other:",
};
