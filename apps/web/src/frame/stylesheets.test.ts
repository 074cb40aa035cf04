import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const folder = new URL("..", import.meta.url).pathname;
const sheets = globSync("**/*.module.css", { cwd: folder });
const screens = globSync("**/*.tsx", { cwd: folder }).map((file) => ({
  file,
  text: readFileSync(join(folder, file), "utf8"),
}));

/** Every class that a screen asks of its stylesheet; one that is not there would leave it unstyled without a word. */
function askedOf(sheet: string): Set<string> {
  const own = screens.filter(({ file, text }) =>
    [...text.matchAll(/import classes from "([^"]+)"/g)].some(([, path]) => join(dirname(file), path ?? "") === sheet),
  );
  return new Set(own.flatMap(({ text }) => [...text.matchAll(/\bclasses\.(\w+)/g)].map(([, name]) => name ?? "")));
}

describe("a stylesheet", () => {
  it.each(sheets)("%s has every class that its screens ask for, and no other", (sheet) => {
    const css = readFileSync(join(folder, sheet), "utf8").replace(/\/\*.*?\*\//gs, "");
    const defined = new Set([...css.matchAll(/\.([a-zA-Z]\w*)/g)].map(([, name]) => name ?? ""));
    expect([...defined].sort()).toEqual([...askedOf(sheet)].sort());
  });
});
