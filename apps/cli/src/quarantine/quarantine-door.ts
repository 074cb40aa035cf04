import {
  err,
  type Failure,
  failure,
  isErrorCode,
  ok,
  parseJson,
  type QuarantineDetail,
  type QuarantineItems,
  quarantineDetail,
  quarantineItems,
  quarantineRepaired,
  type Result,
} from "@caseroom/contract";

/** A gateway's quarantine, by the administration's door. */
export type QuarantineDoor = {
  readonly list: (query: Readonly<Record<string, string>>) => Promise<Result<QuarantineItems, Failure>>;
  readonly show: (id: string, version: string | undefined) => Promise<Result<QuarantineDetail, Failure>>;
  readonly download: (id: string, version: number) => Promise<Result<Uint8Array, Failure>>;
  readonly repair: (
    id: string,
    base: number,
    bytes: Uint8Array<ArrayBuffer>,
  ) => Promise<Result<{ readonly version: number }, Failure>>;
  readonly replay: (id: string, version: number) => Promise<Result<undefined, Failure>>;
  readonly discard: (id: string, reason: string) => Promise<Result<undefined, Failure>>;
};

type Schema<T> = {
  readonly safeParse: (value: unknown) => { readonly success: true; readonly data: T } | { readonly success: false };
};

const TIMEOUT_MS = 10 * 60_000;
const NOTHING: Schema<undefined> = { safeParse: () => ({ success: true, data: undefined }) };

export function openQuarantineDoor({ url, token }: { readonly url: string; readonly token: string }): QuarantineDoor {
  const call = async (path: string, body?: object | Uint8Array<ArrayBuffer>): Promise<Result<Uint8Array, Failure>> => {
    const isBytes = body instanceof Uint8Array;
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": isBytes ? "application/octet-stream" : "application/json" }),
    };
    const sent = body === undefined ? {} : { method: "POST", body: isBytes ? body : JSON.stringify(body) };
    try {
      const response = await fetch(new URL(`/admin/quarantine${path}`, url), {
        ...sent,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return response.ok ? ok(bytes) : err(failure(problemCode(bytes)));
    } catch {
      return err(failure("OFFLINE"));
    }
  };
  const ask = async <T>(
    schema: Schema<T>,
    path: string,
    body?: object | Uint8Array<ArrayBuffer>,
  ): Promise<Result<T, Failure>> => {
    const answered = await call(path, body);
    if (!answered.ok) return answered;
    const json = parseJson(new TextDecoder().decode(answered.value));
    const typed = json.ok ? schema.safeParse(json.value) : undefined;
    return typed?.success === true ? ok(typed.data) : err(failure("BAD_REQUEST", "a reply outside the contract"));
  };
  return {
    list: (query) => ask(quarantineItems, `?${new URLSearchParams(query)}`),
    show: (id, version) => ask(quarantineDetail, `/${id}${version === undefined ? "" : `?version=${version}`}`),
    download: (id, version) => call(`/${id}/versions/${version}`),
    repair: (id, base, bytes) => ask(quarantineRepaired, `/${id}/versions?base=${base}`, bytes),
    replay: (id, version) => ask(NOTHING, `/${id}/replay`, { version }),
    discard: (id, reason) => ask(NOTHING, `/${id}/discard`, { reason }),
  };
}

function problemCode(bytes: Uint8Array) {
  const json = parseJson(new TextDecoder().decode(bytes));
  const value: unknown = json.ok ? json.value : undefined;
  const code: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "code") : undefined;
  return typeof code === "string" && isErrorCode(code) ? code : ("UNAVAILABLE" as const);
}
