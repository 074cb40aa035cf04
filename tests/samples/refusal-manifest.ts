import { readFileSync } from "node:fs";
import { z } from "zod";

/** Path of a file, or a pattern with `*` for a part of one, and why it may be refused. */
export type RefusalManifest = Readonly<Record<string, string>>;

export function readManifest(): RefusalManifest {
  const text = readFileSync(new URL("may-be-refused.json", import.meta.url), "utf8");
  return z.record(z.string(), z.string().min(10)).parse(JSON.parse(text));
}

/** The line of the manifest that allows a file to be refused. */
export function permissionFor(manifest: RefusalManifest, file: string): string | undefined {
  return Object.keys(manifest).find((pattern) =>
    new RegExp(`^${pattern.split("*").map(escapeText).join("[^/]*")}$`).test(file),
  );
}

function escapeText(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}
