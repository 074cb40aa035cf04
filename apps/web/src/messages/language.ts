import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

type Catalogue = typeof en;
type Direction = "ltr" | "rtl";

type Language = {
  readonly code: string;
  /** In the language itself, so that it is found by those who read no other. */
  readonly name: string;
  readonly direction: Direction;
  /** For dates and numbers: Gregorian years and European digits everywhere, because doses and results are written so. */
  readonly locale: string;
  readonly load: () => Promise<Catalogue>;
};

/** A further language is one line here and one file beside `en.json`. */
export const LANGUAGES: readonly Language[] = [
  { code: "en", name: "English", direction: "ltr", locale: "en-GB", load: async () => en },
  {
    code: "ar",
    name: "العربية",
    direction: "rtl",
    locale: "ar-u-ca-gregory-nu-latn",
    load: async () => (await import("./ar.json")).default,
  },
];

const ENGLISH: Language = { code: "en", name: "English", direction: "ltr", locale: "en-GB", load: async () => en };
const STORED_AT = "caseroom.language";

/** The language of that code, or English. */
export function languageOf(code: string | undefined): Language {
  return LANGUAGES.find((language) => language.code === code) ?? ENGLISH;
}

/** Starts the catalogue in the language chosen last, else the browser's, else English. */
export async function startMessages(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  const wished = [storedLanguage(), ...navigator.languages.map((tag) => tag.split("-")[0])];
  const known = wished.find((code) => LANGUAGES.some((language) => language.code === code));
  await applyLanguage(languageOf(known));
}

/** Switches every string, and remembers the choice on this device. */
export async function changeLanguage(code: string): Promise<void> {
  try {
    localStorage.setItem(STORED_AT, code);
  } catch {
    // A browser that stores nothing still shows the language until the page is closed.
  }
  await applyLanguage(languageOf(code));
}

async function applyLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language.code, "translation")) {
    i18next.addResourceBundle(language.code, "translation", await language.load());
  }
  await i18next.changeLanguage(language.code);
  document.documentElement.lang = language.code;
  document.documentElement.dir = language.direction;
}

function storedLanguage(): string | undefined {
  try {
    return localStorage.getItem(STORED_AT) ?? undefined;
  } catch {
    return undefined;
  }
}
