import { type blobsGet, err, failure, ok, toBytes } from "@caseroom/contract";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { Access } from "../spaces/access.ts";
import type { BlobFiles } from "./blob-files.ts";
import type { BlobStore } from "./blob-store.ts";

/** blobs.get: one range (RFC 9110 §14.2); several are answered as if none was asked for. */
export function getBlob(deps: {
  readonly access: Access;
  readonly blobs: BlobStore;
  readonly files: BlobFiles;
}): Handler<typeof blobsGet> {
  return async (call) => {
    const { compId, blobId } = call.params;
    const found = deps.access.reader(compId, sessionOf(call).userId);
    if (!found.ok) return found;
    const row = await deps.blobs.find({ spaceId: found.value.spaceId, compId }, blobId);
    if (row === undefined) return err(failure("NOT_FOUND"));
    if (!row.complete) return err(failure("BLOB_INCOMPLETE"));
    const range = readRange(call.range, row.size);
    const headers = { "accept-ranges": "bytes", "cache-control": "private, max-age=31536000, immutable" };
    if (range === "none-satisfiable") {
      return ok({ body: toBytes([]), status: 416, headers: { "content-range": `bytes */${row.size}` } });
    }
    const { start, end } = range ?? { start: 0, end: row.size };
    const body = start === end ? toBytes([]) : deps.files.read({ compId, blobId }, { start, end });
    const length = { "content-length": String(end - start) };
    if (range === undefined) return ok({ body, headers: { ...headers, ...length } });
    const contentRange = { "content-range": `bytes ${start}-${end - 1}/${row.size}` };
    return ok({ body, status: 206, headers: { ...headers, ...length, ...contentRange } });
  };
}

type Range = { readonly start: number; readonly end: number };

/** `end` is one past the last byte. `undefined` for no range, or one in a form that may be ignored. */
export function readRange(header: string | undefined, size: number): Range | "none-satisfiable" | undefined {
  const [match, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (match === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "none-satisfiable" : { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "none-satisfiable" : { start, end };
}
