/**
 * Writes the vectors beside this file: `node contracts/vectors/generate.ts`. The bytes change only with the protocol or with the world
 * in packages/space/src/vector-world-for-testing.ts; a test fails when they differ from what is committed.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderVectorFiles } from "../../packages/space/src/vector-files-for-testing.ts";

for (const [name, text] of await renderVectorFiles()) writeFileSync(join(import.meta.dirname, name), text);
