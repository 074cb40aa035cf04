import type { FastifyServerOptions } from "fastify";

/**
 * The log can only print what is listed here: never a URL, a query, a header, a body or the message of an error, since any of them may
 * hold a token or an id that ties a person to a case.
 */
export type LogOptions = Exclude<FastifyServerOptions["logger"], boolean | undefined>;

/** Settings of the log, as JSON lines to stdout or to `stream`. */
export function logOptions(level: string, stream?: { readonly write: (line: string) => void }): LogOptions {
  return {
    level,
    base: null,
    serializers: { req: () => ({}), res: () => ({ statusCode: "" }), err: describeError },
    ...(stream === undefined ? {} : { stream }),
  };
}

/** What kind of error it was and where it was thrown; not what it says. */
export function describeError(error: unknown): { type: string; message: string; stack: string } {
  if (!(error instanceof Error)) return { type: "unknown", message: "", stack: "" };
  const code: unknown = Reflect.get(error, "code");
  const frames = (error.stack ?? "").split("\n").filter((line) => line.trimStart().startsWith("at "));
  const stack = frames
    .slice(0, 8)
    .map((line) => line.trim())
    .join(" < ");
  return { type: error.name, message: typeof code === "string" ? code : "", stack };
}
