import { type logCheckpoint, ok, utf8ToBytes } from "@caseroom/contract";
import type { Handler } from "../../http/operation-handler.ts";
import type { LogWriter } from "./log-writer.ts";

/** log.checkpoint */
export function getCheckpoint({ log }: { readonly log: LogWriter }): Handler<typeof logCheckpoint> {
  return async () => ok({ body: utf8ToBytes(await log.checkpoint()) });
}
