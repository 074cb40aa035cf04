import type { Readable } from "node:stream";
import { type Body, type Bytes, type Failure, InvariantError, type Operation, type Result } from "@caseroom/contract";
import type { z } from "zod";
import type { Session } from "../features/sessions/session-store.ts";
import type { SignIn } from "../features/sessions/sign-ins.ts";

/** What a handler is given: everything typed by the operation's schemas, and who asks. */
export type Call<O extends Operation> = {
  readonly params: z.output<O["params"]>;
  readonly query: z.output<O["query"]>;
  readonly head: HeadOf<O["request"]>;
  readonly parts: readonly Bytes[];
  readonly raw: Bytes;
  /** The header `Range`, of operations that answer raw bytes. */
  readonly range: string | undefined;
  readonly session: Session | undefined;
  readonly signIn: SignIn | undefined;
};

export type HeadOf<B extends Body> = B extends { readonly kind: "json" | "framed"; readonly schema: infer S }
  ? S extends z.ZodType
    ? z.output<S>
    : never
  : undefined;

/** What a handler answers: JSON as it goes out, a head with parts, raw bytes, or nothing. */
export type ReplyOf<B extends Body> = B extends { readonly kind: "json"; readonly schema: infer S }
  ? S extends z.ZodType
    ? z.input<S>
    : never
  : B extends { readonly kind: "framed"; readonly schema: infer S }
    ? S extends z.ZodType
      ? { readonly head: z.input<S>; readonly parts: readonly Uint8Array[] }
      : never
    : B extends { readonly kind: "raw" }
      ? RawReply
      : undefined;

export type RawReply = {
  readonly body: Uint8Array | Readable;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Handler<O extends Operation> = (call: Call<O>) => Promise<Result<ReplyOf<O["response"]>, Failure>>;

/** The session of an operation that requires one; registerOperation has checked it. */
export function sessionOf(call: { readonly session: Session | undefined }): Session {
  if (call.session === undefined) throw new InvariantError("the operation requires a session");
  return call.session;
}

/** The half-finished sign-in of an operation that requires one. */
export function signInOf(call: { readonly signIn: SignIn | undefined }): SignIn {
  if (call.signIn === undefined) throw new InvariantError("the operation requires a sign-in");
  return call.signIn;
}
