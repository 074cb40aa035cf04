import { parentPort } from "node:worker_threads";
import { loadR4Validation } from "./r4-validation.ts";

/** The thread that holds the definitions: texts in, issues out, in order. */
const validation = loadR4Validation();
parentPort?.on("message", (message: { readonly id: number; readonly texts: readonly string[] }) => {
  try {
    const issues = message.texts.map((text) => validation.validate(JSON.parse(text)));
    parentPort?.postMessage({ id: message.id, issues });
  } catch (error) {
    parentPort?.postMessage({ id: message.id, failed: error instanceof Error ? error.name : "unknown" });
  }
});
