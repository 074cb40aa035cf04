import type { z } from "zod";
import type { ErrorCode } from "./errors.ts";

/** How a body travels: JSON, a framed message whose head the schema describes, raw bytes, or nothing. */
export type Body<Schema extends z.ZodType = z.ZodType> =
  | { readonly kind: "json"; readonly schema: Schema }
  | {
      readonly kind: "framed";
      readonly schema: Schema;
      readonly maxParts: number;
      readonly maxPartBytes: number;
    }
  | {
      readonly kind: "raw";
      readonly mediaType: string;
      readonly maxBytes: number;
    }
  | { readonly kind: "none" };

/** One operation of the hub: what the server validates, the client calls and the OpenAPI description is made from. */
export type Operation<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Request extends Body = Body,
  Response extends Body = Body,
> = {
  /** noun.verb; also the path of its contract file and of its handler. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `:name` for each parameter. */
  readonly path: string;
  /** `session`: a bearer bound to an enrolled device. `sign-in`: the short-lived bearer of a half-finished sign-in. */
  readonly auth: "none" | "session" | "sign-in";
  readonly summary: string;
  readonly params: Params;
  readonly query: Query;
  readonly request: Request;
  readonly response: Response;
  readonly errors: readonly ErrorCode[];
};

/** Defines an operation and keeps its exact types. */
export function defineOperation<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Request extends Body,
  Response extends Body,
>(operation: Operation<Params, Query, Request, Response>): Operation<Params, Query, Request, Response> {
  return operation;
}
