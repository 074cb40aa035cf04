/** Lines about what runs by itself, without a request: an event's name, an error's code, and nothing else. */
export type EventLog = (event: string, problem: { readonly code: string } | Error) => void;

export const writeEvent: EventLog = (event, problem) => {
  const what = problem instanceof Error ? { error: problem.name, at: firstFrame(problem) } : { code: problem.code };
  process.stdout.write(`${JSON.stringify({ level: 40, time: new Date().toISOString(), event, ...what })}\n`);
};

export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error("not an error");
}

/** Where a bug is, without its message: a message may quote what it was about. */
function firstFrame(error: Error): string {
  const frames = (error.stack ?? "").split("\n").filter((line) => line.trimStart().startsWith("at "));
  return (frames.find((line) => !line.includes("node_modules")) ?? frames[0] ?? "").trim();
}
