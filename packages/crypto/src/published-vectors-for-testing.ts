import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Bytes, hexToBytes, InvariantError, parseJson } from "@caseroom/contract";
import { z } from "zod";

const root = join(import.meta.dirname, "../../../fixtures/conformance");

/** Reads a published vector file (gzip by its name) through a schema. */
export function readVectors<T>(path: string, schema: z.ZodType<T>): T {
  const bytes = readFileSync(join(root, path));
  const json = parseJson((path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
  if (!json.ok) throw new InvariantError(`${path} is not JSON`);
  return schema.parse(json.value);
}

export const hex = z.string().transform((text): Bytes => {
  const bytes = hexToBytes(text);
  if (bytes === undefined) throw new InvariantError("a vector holds hexadecimal digits");
  return bytes;
});

/** The frame of a Wycheproof file. */
export function wycheproof<Group extends z.ZodRawShape, Test extends z.ZodRawShape>(group: Group, test: Test) {
  const testSchema = z.object({
    tcId: z.number(),
    result: z.enum(["valid", "invalid", "acceptable"]),
    ...test,
  });
  return z.object({
    testGroups: z.array(z.object({ ...group, tests: z.array(testSchema) })),
  });
}
