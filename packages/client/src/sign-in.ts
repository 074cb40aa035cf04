import {
  type ErrorCode,
  err,
  type Failure,
  failure,
  type GatewayConfig,
  ok,
  type Random,
  type Result,
  type UserId,
} from "@caseroom/contract";
import { draftFirstDevice, requestFurtherDevice } from "./device-enrolment.ts";
import type { DeviceHome, DeviceVault } from "./device-home.ts";
import type { DeviceKeys } from "./device-keys.ts";
import type { GatewayApi } from "./gateway-api.ts";
import type { HubApi } from "./hub-api.ts";
import { type Account, beginSignIn, finishSignIn, type Session, type SignInBegun } from "./session.ts";
import type { SignInForm } from "./sign-in-form.ts";

/** A device that has spoken for its person: ready to open the client. */
export type SignedInDevice = {
  readonly account: Account & { readonly userId: UserId };
  readonly keys: DeviceKeys;
  readonly session: Session;
};

/** `approve-elsewhere`: this is a further device; the code is typed on one that the person has. `officer`: a person at the institution approves. */
export type SignInOutcome =
  | { readonly status: "ready" }
  | { readonly status: "approve-elsewhere"; readonly pairingCode: string }
  | { readonly status: "officer" };

export type SignInAttempt = {
  readonly outcome: SignInOutcome;
  /** Resolves once the device is enrolled; `undefined` when nobody approved it in time. */
  readonly device: (isWanted: () => boolean) => Promise<SignedInDevice | undefined>;
};

type Deps = {
  readonly api: HubApi;
  readonly gateway: GatewayApi;
  readonly config: GatewayConfig;
  readonly home: DeviceHome;
  readonly nowMs: () => number;
  readonly random: Random;
};
type Half = { readonly begun: SignInBegun; readonly account: Account; readonly keys: DeviceKeys };

/** The hub's sign-in token lives five minutes. */
const APPROVAL_MS = 5 * 60_000;
const APPROVAL_EVERY_MS = 2000;
/** The hub may learn of a new device a moment after the gateway has answered. */
const ENROLMENT_MS = 5000;
const ENROLMENT_EVERY_MS = 250;
const NOT_YET: readonly ErrorCode[] = ["DEVICE_NOT_ENROLLED"];
const NOT_YET_OR_UNREACHED: readonly ErrorCode[] = [...NOT_YET, "OFFLINE", "UNAVAILABLE", "TOO_MANY_REQUESTS"];

/**
 * From login, password and one-time code to a device that may speak: this person's first one, one that is known, or a further one that
 * another of their devices must approve (phase-1 §2.5). Private keys never leave the vault of this device. Fails with SIGN_IN_FAILED whatever
 * was wrong, TOO_MANY_REQUESTS after several attempts, DEVICE_REVOKED, ENROLMENT_REFUSED, OFFLINE.
 */
export async function signIn(deps: Deps, form: SignInForm): Promise<Result<SignInAttempt, Failure>> {
  const begun = await beginSignIn(deps.api, form);
  if (!begun.ok) return begun;
  const { account } = begun.value;
  if (account === undefined) return err(failure("SIGN_IN_FAILED"));
  const vault = await deps.home.openVault(account.login);
  try {
    const kept = await vault.load();
    if (account.userId !== null && kept !== undefined)
      return await signInKnown(deps, vault, { begun: begun.value, account, keys: kept });
    const keys = kept ?? (await vault.create(deps.random));
    if ("ok" in keys && !keys.ok) return keys;
    const half: Half = { begun: begun.value, account, keys: "ok" in keys ? keys.value : keys };
    return account.userId === null ? await enrolFirst(deps, half, form) : await askOther(deps, half);
  } finally {
    vault.close();
  }
}

async function signInKnown(deps: Deps, vault: DeviceVault, half: Half): Promise<Result<SignInAttempt, Failure>> {
  const session = await finish(deps, half);
  if (session.ok) return ok(ready(half, session.value));
  if (session.error.code === "DEVICE_NOT_ENROLLED") return askOther(deps, half);
  // These keys will never speak again; the next sign-in makes a further device of them that come after.
  if (session.error.code === "DEVICE_REVOKED") await vault.clear();
  return session;
}

async function enrolFirst(deps: Deps, half: Half, form: SignInForm): Promise<Result<SignInAttempt, Failure>> {
  const { consortiumId } = deps.config;
  const draft = await draftFirstDevice(half.keys, { consortiumId, nowMs: deps.nowMs(), random: deps.random });
  const enrolled = await deps.gateway.enrol(form, draft);
  if (!enrolled.ok) return enrolled;
  if (enrolled.value.status === "pending") return ok(awaiting(deps, half, { status: "officer" }));
  const session = await finishWithin(deps, half, {
    forMs: ENROLMENT_MS,
    everyMs: ENROLMENT_EVERY_MS,
    codes: NOT_YET,
    isWanted: () => true,
  });
  return session.ok ? ok(ready(half, session.value)) : session;
}

async function askOther(deps: Deps, half: Half): Promise<Result<SignInAttempt, Failure>> {
  const { consortiumId } = deps.config;
  const asked = await requestFurtherDevice(deps.api, { ...half, consortiumId });
  if (!asked.ok) return asked;
  return ok(awaiting(deps, half, { status: "approve-elsewhere", pairingCode: asked.value.pairingCode }));
}

function ready(half: Half, session: Session): SignInAttempt {
  return { outcome: { status: "ready" }, device: async () => deviceOf(half, session) };
}

function awaiting(deps: Deps, half: Half, outcome: SignInOutcome): SignInAttempt {
  return {
    outcome,
    device: async (isWanted) => {
      const waiting = { forMs: APPROVAL_MS, everyMs: APPROVAL_EVERY_MS, codes: NOT_YET_OR_UNREACHED, isWanted };
      const session = await finishWithin(deps, half, waiting);
      return session.ok ? deviceOf(half, session.value) : undefined;
    },
  };
}

function deviceOf({ account, keys }: Half, session: Session): SignedInDevice {
  return { account: { ...account, userId: session.userId }, keys, session };
}

function finish(deps: Deps, { begun, keys }: Half): Promise<Result<Session, Failure>> {
  return finishSignIn(deps.api, { begun, signing: keys.signing, consortiumId: deps.config.consortiumId });
}

async function finishWithin(
  deps: Deps,
  half: Half,
  waiting: {
    readonly forMs: number;
    readonly everyMs: number;
    readonly codes: readonly ErrorCode[];
    readonly isWanted: () => boolean;
  },
): Promise<Result<Session, Failure>> {
  const untilMs = deps.nowMs() + waiting.forMs;
  for (;;) {
    const session = await finish(deps, half);
    if (session.ok || !waiting.codes.includes(session.error.code)) return session;
    if (deps.nowMs() >= untilMs || !waiting.isWanted()) return session;
    await new Promise((resolve) => setTimeout(resolve, waiting.everyMs));
  }
}
