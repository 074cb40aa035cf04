import type { Failure } from "@caseroom/contract";
import { EXIT, type Io } from "./command.ts";

/** Says why a gateway or the hub did not do it, in `words` where there are some for the code; answers the exit code. */
export function refuse(io: Io, { code }: Failure, words: Readonly<Record<string, string>> = {}): number {
  const why = words[code];
  if (code === "OFFLINE") io.err("caseroom: it cannot be reached; caseroom doctor tells more");
  else io.err(`caseroom: ${why ?? `refused (${code})`}`);
  return code === "OFFLINE" ? EXIT.unreachable : EXIT.failed;
}
