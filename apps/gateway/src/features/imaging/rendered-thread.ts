import { parentPort } from "node:worker_threads";
import { z } from "zod";
import { renderFrame } from "./rendered-frame.ts";

const job = z.object({
  header: z.string(),
  transferSyntax: z.string(),
  frame: z.instanceof(Uint8Array),
  index: z.int(),
  mediaType: z.enum(["image/png", "image/jpeg"]),
  quality: z.int(),
  window: z
    .object({ center: z.number(), width: z.number(), shape: z.enum(["linear", "linear-exact", "sigmoid"]) })
    .exactOptional(),
  viewport: z.object({ width: z.int(), height: z.int() }).exactOptional(),
});

/** Beside the gateway's own thread: decoding a large image takes longer than others may wait. */
parentPort?.on("message", (message: unknown) => {
  void renderFrame(job.parse(message)).then((result) =>
    parentPort?.postMessage(result.ok ? { image: result.value } : { code: result.error.code }),
  );
});
