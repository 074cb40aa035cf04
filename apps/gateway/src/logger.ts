/** Logs that cannot hold content: of a request only what it was, never its address, headers or body; of an error only its kind. */
export function createLogger() {
  return {
    level: "info",
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    serializers: {
      req: (request: { readonly method: string }) => ({ method: request.method }),
      res: (reply: { readonly statusCode: number }) => ({ status: reply.statusCode }),
      err: (error: Error) => ({ type: error.name, message: "", stack: stackOf(error) }),
    },
  };
}

/** Where it happened, without the message: a message may quote what it was about. */
function stackOf(error: { readonly stack?: string | undefined }): string {
  return (error.stack ?? "")
    .split("\n")
    .filter((line) => line.trimStart().startsWith("at "))
    .slice(0, 12)
    .join("\n");
}
