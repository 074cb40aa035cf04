import {
  bytesToBase64url,
  type ConsortiumId,
  type EntryId,
  enrolResponse,
  err,
  type Failure,
  failure,
  type GatewayConfig,
  gatewayConfig,
  gatewaySession,
  gatewaySessionChallenge,
  IMPORT_NAME_HEADER,
  type Invitation,
  invitations,
  isErrorCode,
  ok,
  type PatientChoice,
  parseJson,
  patientChoices,
  type Result,
  type UserId,
} from "@caseroom/contract";
import type { SigningKey } from "@caseroom/crypto/sign";
import { signSession } from "@caseroom/space/sign";
import type { SignInForm } from "./sign-in-form.ts";

/** An institution's gateway as its own staff reach it, in the web app or by a program. */
export type GatewayApi = {
  /** Whom to trust, and where the hub is. */
  readonly config: () => Promise<Result<GatewayConfig, Failure>>;
  /** First device of a member of staff; links and wraps as they go into the hub. */
  readonly enrol: (
    form: SignInForm,
    draft: { readonly links: readonly { readonly bytes: Uint8Array }[]; readonly wraps: readonly Uint8Array[] },
  ) => Promise<Result<{ readonly status: "issued" | "pending"; readonly userId: UserId }, Failure>>;
  /** What only signed-in staff may ask; signs in by itself, and again when the bearer has expired. */
  readonly asStaff: (device: StaffDevice) => StaffApi;
};

export type StaffDevice = {
  readonly userId: UserId;
  readonly signing: SigningKey;
  readonly consortiumId: ConsortiumId;
};

export type StaffApi = {
  readonly invitations: () => Promise<Result<readonly Invitation[], Failure>>;
  readonly answerInvitation: (id: EntryId, answer: "accept" | "decline") => Promise<Result<undefined, Failure>>;
  readonly patients: (query: string) => Promise<Result<readonly PatientChoice[], Failure>>;
  /** A file or a zip of them; answers a line of JSON for each. */
  readonly importFile: (name: string, body: Blob) => Promise<Result<string, Failure>>;
  /** What a door answers, typed by its schema; a schema that takes anything where nothing is answered. */
  readonly ask: <T>(what: StaffQuestion, schema: ReplySchema<T>) => Promise<Result<T, Failure>>;
  /** What a door hands out, as bytes. */
  readonly bytes: (path: string) => Promise<Result<Blob, Failure>>;
};

export type ReplySchema<T> = {
  readonly safeParse: (value: unknown) => { readonly success: true; readonly data: T } | { readonly success: false };
};
type Answer = { readonly isFine: boolean; readonly body: Blob };
/** A question to a door of the gateway's own staff. */
export type StaffQuestion = {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Sent as JSON; a Blob as the bytes that it is. */
  readonly body?: unknown;
};
type Ask = StaffQuestion & {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

const TIMEOUT_MS = 30_000;
/** A CD of images over a clinic's line. */
const UPLOAD_TIMEOUT_MS = 30 * 60_000;
const MAX_REPLY_BYTES = 4_194_304;
const NOTHING: ReplySchema<undefined> = { safeParse: () => ({ success: true, data: undefined }) };

/**
 * The doors of a gateway under its origin (scheme, host and port). Every reply is parsed before anybody sees it; OFFLINE when there is none,
 * BAD_REQUEST when it is outside the contract, otherwise the code that the gateway gave.
 */
export function createGatewayApi({
  origin,
  fetch: request,
}: {
  readonly origin: string;
  readonly fetch: typeof fetch;
}): GatewayApi {
  const send = async ({ method, path, body, token, headers: more }: Ask): Promise<Answer | undefined> => {
    const headers = new Headers(more);
    if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
    const isBlob = body instanceof Blob;
    if (body !== undefined) headers.set("content-type", isBlob ? "application/octet-stream" : "application/json");
    try {
      const response = await request(new URL(path, origin), {
        method,
        headers,
        cache: "no-store",
        signal: AbortSignal.timeout(isBlob ? UPLOAD_TIMEOUT_MS : TIMEOUT_MS),
        ...(body === undefined ? {} : { body: isBlob ? body : JSON.stringify(body) }),
      });
      return { isFine: response.ok, body: await response.blob() };
    } catch {
      return undefined;
    }
  };

  /** What was answered; refusals as failures. */
  const askBytes = async (what: Ask): Promise<Result<Blob, Failure>> => {
    const answer = await send(what);
    if (answer === undefined) return err(failure("OFFLINE"));
    if (answer.isFine) return ok(answer.body);
    const problem = answer.body.size > MAX_REPLY_BYTES ? undefined : parseJson(await answer.body.text());
    return err(failure(problemCode(problem?.ok === true ? problem.value : undefined)));
  };
  const askText = async (what: Ask): Promise<Result<string, Failure>> => {
    const answer = await askBytes(what);
    if (!answer.ok) return answer;
    if (answer.value.size > MAX_REPLY_BYTES) return err(failure("TOO_LARGE", "a reply of the gateway"));
    return ok(await answer.value.text());
  };

  const ask = async <T>(what: Ask, schema: ReplySchema<T>): Promise<Result<T, Failure>> => {
    const text = await askText(what);
    if (!text.ok) return text;
    const json = parseJson(text.value === "" ? "{}" : text.value);
    const parsed = json.ok ? schema.safeParse(json.value) : undefined;
    return parsed?.success === true ? ok(parsed.data) : err(failure("BAD_REQUEST", "a reply outside the contract"));
  };

  const signIn = async ({ userId, signing, consortiumId }: StaffDevice): Promise<Result<string, Failure>> => {
    const begun = await ask({ method: "POST", path: "/app/sessions/begin", body: { userId } }, gatewaySessionChallenge);
    if (!begun.ok) return begun;
    const { challenge, signInToken } = begun.value;
    const statement = await signSession({ key: signing, consortiumId }, { challenge, audience: origin });
    const body = { signInToken, statement: bytesToBase64url(statement) };
    const finished = await ask({ method: "POST", path: "/app/sessions", body }, gatewaySession);
    return finished.ok ? ok(finished.value.token) : finished;
  };

  const staffOf: GatewayApi["asStaff"] = (device) => {
    let token: Promise<Result<string, Failure>> | undefined;
    const asStaff = async <T>(run: (token: string) => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> => {
      for (let isSecondTry = false; ; isSecondTry = true) {
        token ??= signIn(device);
        const bearer = await token;
        if (!bearer.ok) {
          token = undefined;
          return bearer;
        }
        const reply = await run(bearer.value);
        const isOver = !reply.ok && (reply.error.code === "SESSION_EXPIRED" || reply.error.code === "SESSION_REQUIRED");
        if (!isOver) return reply;
        token = undefined;
        if (isSecondTry) return reply;
      }
    };
    const askAsStaff = <T>(what: Ask, schema: ReplySchema<T>) => asStaff((token) => ask({ ...what, token }, schema));
    return {
      invitations: async () => {
        const reply = await askAsStaff({ method: "GET", path: "/app/invitations" }, invitations);
        return reply.ok ? ok(reply.value.invitations) : reply;
      },
      answerInvitation: (id, answer) =>
        askAsStaff({ method: "POST", path: `/app/invitations/${id}/${answer}` }, NOTHING),
      patients: async (query) => {
        const path = `/app/patients?q=${encodeURIComponent(query.slice(0, 128))}`;
        const reply = await askAsStaff({ method: "GET", path }, patientChoices);
        return reply.ok ? ok(reply.value.patients) : reply;
      },
      importFile: (name, body) => {
        const headers = { [IMPORT_NAME_HEADER]: encodeURIComponent(name) };
        return asStaff((token) => askText({ method: "POST", path: "/app/import", body, token, headers }));
      },
      ask: askAsStaff,
      bytes: (path) => asStaff((token) => askBytes({ method: "GET", path, token })),
    };
  };

  return {
    config: () => ask({ method: "GET", path: "/config.json" }, gatewayConfig),
    enrol: ({ login, password, code }, { links, wraps }) => {
      const body = {
        login,
        password,
        code,
        links: links.map(({ bytes }) => bytesToBase64url(bytes)),
        wraps: wraps.map(bytesToBase64url),
      };
      return ask({ method: "POST", path: "/app/enrol", body }, enrolResponse);
    },
    asStaff: staffOf,
  };
}

/** problem+json (RFC 9457): only the code counts; the words are chosen by the screens. */
function problemCode(problem: unknown) {
  const code: unknown = typeof problem === "object" && problem !== null ? Reflect.get(problem, "code") : undefined;
  return typeof code === "string" && isErrorCode(code) ? code : "UNAVAILABLE";
}
