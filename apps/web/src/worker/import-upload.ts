import type { StaffApi } from "@caseroom/client";
import {
  err,
  type Failure,
  failure,
  type ImportLine,
  importLine,
  MAX_IMPORT_BYTES,
  ok,
  parseJson,
  type Result,
} from "@caseroom/contract";
import type { ImportUpload } from "../engine/engine.ts";

/** Sends a file as it is; the parts of a bulk export in one zip, since a patient and the results are in different files. */
export async function sendImport(
  staff: Pick<StaffApi, "importFile">,
  { name, files }: ImportUpload,
): Promise<Result<readonly ImportLine[], Failure>> {
  const size = files.reduce((sum, { file }) => sum + file.size, 0);
  if (size > MAX_IMPORT_BYTES) return err(failure("TOO_LARGE"));
  const [only] = files;
  const body = files.length === 1 && only !== undefined ? only.file : await zipTogether(files);
  const sent = await staff.importFile(name.slice(-1024), body);
  return sent.ok ? readLines(sent.value) : sent;
}

async function zipTogether(files: ImportUpload["files"]): Promise<Blob> {
  const { zipSync } = await import("fflate");
  const entries: Record<string, Uint8Array> = {};
  for (const { path, file } of files) entries[path] = new Uint8Array(await file.arrayBuffer());
  return new Blob([new Uint8Array(zipSync(entries, { level: 0 }))]);
}

function readLines(text: string): Result<readonly ImportLine[], Failure> {
  const lines: ImportLine[] = [];
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const json = parseJson(line);
    const typed = json.ok ? importLine.safeParse(json.value) : undefined;
    if (typed?.success !== true) return err(failure("BAD_REQUEST", "a reply outside the contract"));
    lines.push(typed.data);
  }
  return ok(lines);
}
