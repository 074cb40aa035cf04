import { globSync, readFileSync } from "node:fs";
import { ERROR_CODES } from "@caseroom/contract";
import { parseSync, Visitor } from "vite";
import { describe, expect, it } from "vitest";
import { FAILURE_WORDS } from "./failure-words.ts";
import { LANGUAGES } from "./language.ts";

const PLURAL = /_(zero|one|two|few|many|other)$/;
/** Attributes whose text a person sees or hears. */
const SPOKEN = new Set(["aria-label", "alt", "description", "error", "label", "placeholder", "text", "title"]);

const folder = new URL("..", import.meta.url).pathname;
const screens = globSync("**/*.tsx", { cwd: folder });

/** What the file shows without asking the catalogue. */
function literalsIn(file: string): string[] {
  const found: string[] = [];
  const { program } = parseSync(file, readFileSync(`${folder}${file}`, "utf8"));
  new Visitor({
    "JSXText:exit": ({ value }) => {
      if (/\p{L}/u.test(value)) found.push(value.trim());
    },
    "JSXAttribute:exit": ({ name, value }) => {
      if (name.type === "JSXIdentifier" && SPOKEN.has(name.name) && value?.type === "Literal") found.push(name.name);
    },
  }).visit(program);
  return found;
}

function flatten(catalogue: object, prefix = ""): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(catalogue)) {
    if (typeof value === "string") texts.set(prefix + key, value);
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) texts.set(inner, text);
  }
  return texts;
}

const placeholders = (text: string) =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort((a = "", b = "") => a.localeCompare(b));

describe("every language", async () => {
  const catalogues = await Promise.all(
    LANGUAGES.map(async ({ code, load }) => ({ code, texts: flatten(await load()) })),
  );
  const english = catalogues.find(({ code }) => code === "en")?.texts ?? new Map<string, string>();
  const englishKeys = new Set([...english.keys()].map((key) => key.replace(PLURAL, "")));

  it.each(catalogues)("$code says everything that English says, and nothing else", ({ texts }) => {
    expect(new Set([...texts.keys()].map((key) => key.replace(PLURAL, "")))).toEqual(englishKeys);
  });

  it.each(catalogues)("$code has every plural form that its grammar asks for", ({ code, texts }) => {
    const needed = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    const plurals = new Set(
      [...english.keys()].filter((key) => PLURAL.test(key)).map((key) => key.replace(PLURAL, "")),
    );
    for (const key of plurals)
      for (const form of needed) expect(texts.has(`${key}_${form}`), `${key}_${form}`).toBe(true);
  });

  it.each(catalogues)("$code leaves out no name and no number from a sentence", ({ texts }) => {
    for (const [key, text] of texts) {
      expect(text.trim(), key).not.toBe("");
      const model = english.get(key) ?? english.get(key.replace(PLURAL, "_other")) ?? "";
      const wanted = placeholders(model).filter((name) => name !== "count");
      expect(
        placeholders(text).filter((name) => name !== "count"),
        key,
      ).toEqual(wanted);
    }
  });
});

describe("the screens", () => {
  it.each(screens)("%s takes every word from the catalogue", (file) => {
    expect(literalsIn(file)).toEqual([]);
  });

  it("are all looked at", () => {
    expect(screens.length).toBeGreaterThan(30);
  });

  it("have words for every code that can reach a person", () => {
    expect(Object.keys(FAILURE_WORDS).sort()).toEqual([...ERROR_CODES].sort());
  });
});
