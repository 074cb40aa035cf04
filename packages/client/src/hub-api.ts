import {
  type Body,
  type Bytes,
  concatBytes,
  decodeFramed,
  encodeFramed,
  err,
  type Failure,
  FRAMED_MEDIA_TYPE,
  failure,
  isErrorCode,
  type Operation,
  ok,
  parseJson,
  type Result,
  toBytes,
} from "@caseroom/contract";
import type { z } from "zod";

type HeadIn<B> = B extends { readonly kind: "json" | "framed"; readonly schema: infer S extends z.ZodType }
  ? z.input<S>
  : undefined;
type HeadOut<B> = B extends { readonly kind: "json" | "framed"; readonly schema: infer S extends z.ZodType }
  ? z.output<S>
  : undefined;

export type CallInput<O extends Operation> = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly head?: HeadIn<O["request"]>;
  readonly parts?: readonly Bytes[];
  readonly raw?: Bytes;
  readonly range?: { readonly offset: number; readonly length: number };
  /** Instead of the session's bearer. */
  readonly token?: string;
};
export type Reply<O extends Operation> = {
  readonly head: HeadOut<O["response"]>;
  readonly parts: readonly Bytes[];
  readonly raw: Bytes;
};

/** The hub over HTTP: every reply is parsed by the contract's schema before anybody sees it. */
export type HubApi = {
  readonly baseUrl: string;
  /** The hub's own origin, for which sessions are signed; the base URL's unless something stands in between. */
  readonly audience: string;
  readonly call: <O extends Operation>(operation: O, input: CallInput<O>) => Promise<Result<Reply<O>, Failure>>;
};

const TIMEOUT_MS = 30_000;

export function createHubApi({
  baseUrl,
  fetch: send,
  token,
  audience = new URL(baseUrl).origin,
}: {
  readonly baseUrl: string;
  readonly audience?: string;
  readonly fetch: typeof fetch;
  readonly token: () => string | undefined;
}): HubApi {
  const call: HubApi["call"] = async (operation, input) => {
    const request = buildRequest(baseUrl, operation, input, input.token ?? token());
    let response: Response;
    try {
      response = await send(request.url, { ...request.init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch {
      return err(failure("OFFLINE"));
    }
    const bytes = await readBody(response);
    if (bytes === undefined) return err(failure("OFFLINE"));
    return response.ok ? parseReply(operation, bytes) : err(parseProblem(bytes));
  };
  return { baseUrl, audience, call };
}

function buildRequest<O extends Operation>(
  baseUrl: string,
  operation: O,
  input: CallInput<O>,
  token: string | undefined,
) {
  const path = operation.path.replaceAll(/:([a-zA-Z]+)/g, (_, name: string) =>
    encodeURIComponent(input.params?.[name] ?? ""),
  );
  const url = new URL(path, baseUrl);
  for (const [name, value] of Object.entries(input.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, String(value));
  const headers = new Headers();
  if (token !== undefined && operation.auth !== "none") headers.set("authorization", `Bearer ${token}`);
  if (input.range !== undefined)
    headers.set("range", `bytes=${input.range.offset}-${input.range.offset + input.range.length - 1}`);
  const body = encodeBody(operation.request, input);
  if (body !== undefined) headers.set("content-type", body.mediaType);
  return { url, init: { method: operation.method, headers, ...(body === undefined ? {} : { body: body.bytes }) } };
}

function encodeBody<O extends Operation>(
  body: Body,
  input: CallInput<O>,
): { readonly mediaType: string; readonly bytes: Bytes } | undefined {
  switch (body.kind) {
    case "none":
      return undefined;
    case "raw":
      return { mediaType: body.mediaType, bytes: input.raw ?? toBytes([]) };
    case "framed":
      return { mediaType: FRAMED_MEDIA_TYPE, bytes: encodeFramed({ head: input.head, parts: input.parts ?? [] }) };
    case "json":
      return { mediaType: "application/json", bytes: toBytes(new TextEncoder().encode(JSON.stringify(input.head))) };
  }
}

async function readBody(response: Response): Promise<Bytes | undefined> {
  try {
    return concatBytes(new Uint8Array(await response.arrayBuffer()));
  } catch {
    return undefined;
  }
}

function parseReply<O extends Operation>(operation: O, bytes: Bytes): Result<Reply<O>, Failure> {
  const { response } = operation;
  if (response.kind === "none" || response.kind === "raw") return finish<O>(undefined, [], bytes);
  if (response.kind === "json") {
    const json = parseJson(new TextDecoder().decode(bytes));
    const head = json.ok ? response.schema.safeParse(json.value) : undefined;
    return head?.success === true
      ? finish<O>(head.data, [], bytes)
      : err(failure("BAD_REQUEST", "a reply outside the contract"));
  }
  const limits = { maxHeadBytes: 16_777_216, maxParts: response.maxParts, maxPartBytes: response.maxPartBytes };
  const framed = decodeFramed(bytes, limits);
  const head = framed.ok ? response.schema.safeParse(framed.value.head) : undefined;
  if (!framed.ok || head?.success !== true) return err(failure("BAD_REQUEST", "a reply outside the contract"));
  return finish<O>(head.data, framed.value.parts, bytes);
}

function finish<O extends Operation>(head: unknown, parts: readonly Bytes[], raw: Bytes): Result<Reply<O>, Failure> {
  // The schema of this very operation has just produced the value.
  return ok({ head: head as HeadOut<O["response"]>, parts, raw });
}

/** problem+json (RFC 9457): only the code counts; the words are chosen here. */
function parseProblem(bytes: Bytes): Failure {
  const json = parseJson(new TextDecoder().decode(bytes));
  const code: unknown =
    json.ok && typeof json.value === "object" && json.value !== null ? Reflect.get(json.value, "code") : undefined;
  return failure(typeof code === "string" && isErrorCode(code) ? code : "UNAVAILABLE");
}
