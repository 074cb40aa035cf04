import { createHash } from "node:crypto";
import { type Bytes, expectOk, toBytes } from "@caseroom/contract";
import { dataSetOf } from "@caseroom/dicom";
import { createReceptionMemory } from "../../apps/gateway/src/features/imaging/gathered-bytes.ts";
import { boundaryOf, readMultipart } from "../../apps/gateway/src/features/imaging/stow-multipart.ts";

/** The files of an answer of WADO-RS (PS3.18 §10.4), each as soon as it is there; none when it is another answer. Throws where it breaks off. */
export async function* filesOf(answer: Response): AsyncGenerator<Bytes> {
  const boundary = boundaryOf(answer.headers.get("content-type") ?? "");
  if (answer.status !== 200 || answer.body === null || boundary === undefined) return;
  const limits = { maxParts: 5000, memory: createReceptionMemory() };
  for await (const { body, release } of readMultipart(answer.body, boundary, limits)) {
    yield toBytes(expectOk(body, "a part"));
    release();
  }
}

/** What must be the same wherever an image is read. */
export function hashOfDataSet(file: Bytes): string {
  return createHash("sha256").update(dataSetOf(file)).digest("hex");
}
