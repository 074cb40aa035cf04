// First, alone and for its effect: it must be in place before anything that seals is loaded.
import "./seeded-platform-for-testing.ts";

import { restartEncapsulations } from "./seeded-platform-for-testing.ts";
import { keyFiles, linkFiles } from "./vector-chain-files-for-testing.ts";
import type { VectorFile } from "./vector-format-for-testing.ts";
import { logFiles } from "./vector-log-files-for-testing.ts";
import { objectFiles } from "./vector-object-files-for-testing.ts";
import { createVectorWorld } from "./vector-world-for-testing.ts";

/** All files of contracts/vectors as text, by file name; the same every time. */
export async function renderVectorFiles(): Promise<ReadonlyMap<string, string>> {
  restartEncapsulations();
  const world = await createVectorWorld();
  const files: Record<string, VectorFile<unknown>> = {
    ...linkFiles(world),
    ...(await keyFiles(world)),
    ...(await objectFiles(world)),
    ...(await logFiles(world)),
  };
  return new Map(Object.entries(files).map(([name, file]) => [`${name}.json`, `${JSON.stringify(file, null, 1)}\n`]));
}
