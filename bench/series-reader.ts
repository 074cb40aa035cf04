import { type Bytes, InvariantError } from "@caseroom/contract";
import { z } from "zod";
import { filesOf, hashOfDataSet } from "../tests/gateway/multipart-answer.ts";
import type { CtSeries } from "./ct-series.ts";

/** A DICOMweb door, ours or a peer's. */
export type DicomWebDoor = { readonly url: string; readonly token: string | undefined };

/** A failure comes as an exception: a bench has no use for half a figure. */
async function ask(door: DicomWebDoor, path: string, accept: string): Promise<Response> {
  const authorization = door.token === undefined ? {} : { authorization: `Bearer ${door.token}` };
  const response = await fetch(door.url + path, { headers: { ...authorization, accept } });
  if (response.ok) return response;
  throw new InvariantError(`${response.status} ${await response.text()}`);
}

/** How many instances of the study there are by QIDO-RS: Number of Study Related Instances. */
export async function countInstances(door: DicomWebDoor, { study }: CtSeries): Promise<number> {
  const response = await ask(door, `/studies?StudyInstanceUID=${study}`, "application/dicom+json");
  const [found] = response.status === 200 ? studies.parse(await response.json()) : [];
  return found?.["00201208"].Value[0] ?? 0;
}

const studies = z.array(z.object({ "00201208": z.object({ Value: z.array(z.number()) }) }));

/** Retrieves the whole series, or one instance of it, by WADO-RS. Milliseconds to the first whole file, and to the last. */
export async function retrieve(
  door: DicomWebDoor,
  { study, series }: CtSeries,
  sop?: string,
): Promise<{ readonly firstMs: number; readonly lastMs: number; readonly files: readonly Bytes[] }> {
  const started = performance.now();
  const path = `/studies/${study}/series/${series}${sop === undefined ? "" : `/instances/${sop}`}`;
  const response = await ask(door, path, 'multipart/related; type="application/dicom"; transfer-syntax=*');
  const files: Bytes[] = [];
  let firstMs = 0;
  for await (const file of filesOf(response)) {
    if (files.length === 0) firstMs = performance.now() - started;
    files.push(file);
  }
  return { firstMs, lastMs: performance.now() - started, files };
}

/** Fails unless the files hold the very data sets that were sent. */
export function checkWhole(files: readonly Bytes[], { hashes }: CtSeries): void {
  const found = files.map(hashOfDataSet).sort();
  if (found.join() !== hashes.join()) throw new InvariantError(`${files.length} of ${hashes.length} images, or others`);
}
