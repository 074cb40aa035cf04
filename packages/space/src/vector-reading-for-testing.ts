import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { VectorFile } from "./vector-format-for-testing.ts";

const folder = join(import.meta.dirname, "../../../contracts/vectors");

/** Names of the committed files, without `.json`. */
export function vectorNames(prefix = ""): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length))
    .sort();
}

export function vectorText(name: string): string {
  return readFileSync(join(folder, `${name}.json`), "utf8");
}

/** A committed file; the test that it is what the generator makes says that it has this shape. */
export function readVectorFile<Case>(name: string): VectorFile<Case> {
  return JSON.parse(vectorText(name)) as VectorFile<Case>;
}

export function readCases<Case>(name: string): readonly Case[] {
  return readVectorFile<Case>(name).cases;
}

/** The only case of a file. */
export function readCase<Case>(name: string): Case {
  const [one, ...more] = readCases<Case>(name);
  if (one === undefined || more.length > 0) throw new RangeError(`${name} holds one case`);
  return one;
}
