import {
  type Body,
  type Bytes,
  bytesToUtf8,
  DEFAULT_FRAMED_LIMITS,
  type Digest,
  decodeFramed,
  encodeFramed,
  err,
  type Failure,
  FRAMED_MEDIA_TYPE,
  failure,
  InvariantError,
  type Operation,
  ok,
  parseJson,
  type Result,
  toBytes,
} from "@caseroom/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Session } from "../features/sessions/session-store.ts";
import type { SignIn } from "../features/sessions/sign-ins.ts";
import { bearerHash, readBearer } from "./bearer.ts";
import type { Call, Handler, RawReply } from "./operation-handler.ts";
import { sendProblem } from "./problem.ts";

/** Who may come in: decided before a byte of the body is read. */
export type Gate = {
  readonly checkSession: (tokenHash: Digest | undefined) => Result<Session, Failure>;
  readonly checkSignIn: (token: string | undefined) => Result<SignIn, Failure>;
};

type Identity = { readonly session: Session | undefined; readonly signIn: SignIn | undefined };
type Incoming = { readonly head: unknown; readonly parts: readonly Bytes[]; readonly raw: Bytes };

const MAX_JSON_BYTES = 262_144;
const MAX_FRAMED_BYTES = 33_554_432;
const NOBODY: Identity = { session: undefined, signIn: undefined };
const EMPTY: Bytes = toBytes([]);

/**
 * Makes one operation of the contract an HTTP route: limits, then identity, then schemas, then the handler, then the reply's schema.
 * `sessionOptional` is for links.append, where a ticket in the body may stand for the session.
 */
export function registerOperation<O extends Operation>(
  app: FastifyInstance,
  gate: Gate,
  operation: O,
  handler: Handler<O>,
  options: { readonly sessionOptional?: boolean } = {},
): void {
  const identities = new WeakMap<FastifyRequest, Identity>();
  app.route({
    method: operation.method,
    url: operation.path,
    bodyLimit: bodyLimitOf(operation.request),
    onRequest: async (request, reply) => {
      const identity = identify(gate, operation, request, options.sessionOptional === true);
      if (identity.ok) identities.set(request, identity.value);
      else await sendProblem(reply, identity.error);
    },
    handler: async (request, reply) => {
      const call = readCall(operation, request, identities.get(request) ?? NOBODY);
      if (!call.ok) return sendProblem(reply, call.error);
      const result = await handler(call.value);
      if (!result.ok) return sendProblem(reply, result.error);
      return sendReply(reply, operation.response, result.value);
    },
  });
}

function identify(
  gate: Gate,
  operation: Operation,
  request: FastifyRequest,
  sessionOptional: boolean,
): Result<Identity, Failure> {
  const tokenHash = bearerHash(request);
  if (operation.auth === "none" || (sessionOptional && tokenHash === undefined)) return ok(NOBODY);
  if (operation.auth === "sign-in") {
    const signIn = gate.checkSignIn(readBearer(request));
    return signIn.ok ? ok({ session: undefined, signIn: signIn.value }) : signIn;
  }
  const session = gate.checkSession(tokenHash);
  return session.ok ? ok({ session: session.value, signIn: undefined }) : session;
}

function bodyLimitOf(body: Body): number {
  switch (body.kind) {
    case "none":
      return 1;
    case "json":
      return MAX_JSON_BYTES;
    case "raw":
      return body.maxBytes;
    case "framed": {
      const most = 4 + DEFAULT_FRAMED_LIMITS.maxHeadBytes + body.maxParts * (4 + body.maxPartBytes);
      return Math.min(MAX_FRAMED_BYTES, most);
    }
  }
}

function readCall<O extends Operation>(
  operation: O,
  request: FastifyRequest,
  identity: Identity,
): Result<Call<O>, Failure> {
  const params = operation.params.safeParse(request.params);
  const query = operation.query.safeParse(request.query);
  if (!params.success || !query.success) return err(failure("BAD_REQUEST"));
  const body: Body = operation.request;
  const incoming = readBody(body, request);
  if (!incoming.ok) return incoming;
  const schema = body.kind === "json" || body.kind === "framed" ? body.schema : undefined;
  const head = schema?.safeParse(incoming.value.head);
  if (head?.success === false) return err(failure("BAD_REQUEST"));
  const { parts, raw } = incoming.value;
  const typed = { params: params.data, query: query.data, head: head?.data };
  // The schemas of this very operation have just produced the values; TypeScript cannot follow them through a generic operation.
  return ok({
    ...(typed as Pick<Call<O>, "params" | "query" | "head">),
    parts,
    raw,
    range: request.headers.range,
    ...identity,
  });
}

function readBody(body: Body, request: FastifyRequest): Result<Incoming, Failure> {
  if (body.kind === "none") return ok({ head: undefined, parts: [], raw: EMPTY });
  const bytes: unknown = request.body;
  const received = bytes instanceof Uint8Array ? bytes : EMPTY;
  if (mediaTypeOf(request) !== expectedType(body)) return err(failure("UNSUPPORTED_MEDIA_TYPE"));
  if (body.kind === "raw") return ok({ head: undefined, parts: [], raw: toBytes(received) });
  if (body.kind === "json") {
    const json = parseJson(bytesToUtf8(received) ?? "");
    return json.ok ? ok({ head: json.value, parts: [], raw: EMPTY }) : json;
  }
  const { maxParts, maxPartBytes } = body;
  const framed = decodeFramed(received, { maxHeadBytes: DEFAULT_FRAMED_LIMITS.maxHeadBytes, maxParts, maxPartBytes });
  return framed.ok ? ok({ ...framed.value, raw: EMPTY }) : framed;
}

function mediaTypeOf(request: FastifyRequest): string {
  return (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function expectedType(body: Exclude<Body, { kind: "none" }>): string {
  if (body.kind === "json") return "application/json";
  return body.kind === "framed" ? FRAMED_MEDIA_TYPE : body.mediaType;
}

function sendReply(reply: FastifyReply, body: Body, value: unknown): FastifyReply {
  switch (body.kind) {
    case "none":
      return reply.code(204).send();
    case "json":
      requireContract(body.schema.safeParse(value).success);
      return reply.type("application/json").send(JSON.stringify(value));
    case "framed": {
      requireContract(isFramedReply(value) && body.schema.safeParse(value.head).success);
      return reply.type(FRAMED_MEDIA_TYPE).send(Buffer.from(encodeFramed(value).buffer));
    }
    case "raw": {
      requireContract(isRawReply(value));
      const { body: content, status = 200, headers = {} } = value;
      return reply
        .code(status)
        .headers(headers)
        .type(body.mediaType)
        .send(content instanceof Uint8Array ? Buffer.from(content) : content);
    }
  }
}

function requireContract(holds: boolean): asserts holds {
  if (!holds) throw new InvariantError("a reply outside the contract");
}

function isFramedReply(value: unknown): value is { readonly head: unknown; readonly parts: readonly Bytes[] } {
  return typeof value === "object" && value !== null && "head" in value && "parts" in value;
}

function isRawReply(value: unknown): value is RawReply {
  return typeof value === "object" && value !== null && "body" in value;
}
