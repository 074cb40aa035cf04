import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const FIXTURES = fileURLToPath(new URL("../../../../fixtures/ccda/", import.meta.url));

export type Sample = { readonly name: string; readonly bytes: Uint8Array };

/** One committed sample. */
export function sample(name: string): Uint8Array {
  return readSample(join(FIXTURES, name)).bytes;
}

/** The committed samples, and those of a larger collection where `CASEROOM_CCDA_CORPUS` names its folder. */
export function allSamples(): readonly Sample[] {
  const folders = [FIXTURES, process.env.CASEROOM_CCDA_CORPUS].filter((folder) => folder !== undefined);
  const files = folders.flatMap((folder) => globSync(join(folder, "**/*")).filter((file) => !file.endsWith(".md")));
  return files
    .filter((file) => /\.(xml|ccd|txt|gz)$/i.test(file))
    .sort()
    .map(readSample);
}

function readSample(file: string): Sample {
  const bytes = readFileSync(file);
  return { name: basename(file), bytes: file.endsWith(".gz") ? gunzipSync(bytes) : bytes };
}
