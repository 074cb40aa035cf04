import { createRequire } from "node:module";
import dimse from "dcmjs-dimse";

let isSilent = false;

/**
 * Both libraries write what they see to the console, values of patients among it. Their loggers are switched off, and `console.warn`, through
 * which dcmjs prints elements that it does not know, says nothing any more in this process: the gateway's own log does not use it.
 */
export function silenceDimse(): void {
  if (isSilent) return;
  isSilent = true;
  quiet(dimse.log);
  const dcmjs: unknown = createRequire(createRequire(import.meta.url).resolve("dcmjs-dimse"))("dcmjs");
  if (typeof dcmjs === "object" && dcmjs !== null) quiet(Reflect.get(dcmjs, "log"));
  console.warn = () => undefined;
}

function quiet(log: unknown): void {
  const setLevel: unknown = typeof log === "object" && log !== null ? Reflect.get(log, "setLevel") : undefined;
  if (typeof setLevel === "function") Reflect.apply(setLevel, log, ["silent"]);
}
