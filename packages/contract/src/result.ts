/** An expected outcome: a value, or a failure that the caller must look at. Bugs throw instead. */
export type Result<T, E> = Ok<T> | Err<E>;
export type Ok<T> = { readonly ok: true; readonly value: T };
export type Err<E> = { readonly ok: false; readonly error: E };

export function ok(): Ok<undefined>;
export function ok<T>(value: T): Ok<T>;
export function ok(value?: unknown): Ok<unknown> {
  return { ok: true, value };
}

export function err<E>(error: E): Err<E> {
  return { ok: false, error };
}

/** The value, or a thrown InvariantError: for start-up, tests and invariants, never for input from outside. */
export function expectOk<T, E>(result: Result<T, E>, what: string): T {
  if (result.ok) return result.value;
  throw new InvariantError(`${what}: ${describeFailure(result.error)}`);
}

/** Thrown where the program itself is wrong. Its message never holds content, keys or tokens. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

function describeFailure(error: unknown): string {
  if (typeof error === "string") return error;
  if (typeof error === "object" && error !== null && "code" in error) return String(error.code);
  return "failed";
}
