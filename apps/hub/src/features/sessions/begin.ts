import {
  bytesToBase64url,
  type Clock,
  err,
  type Failure,
  failure,
  type Kid,
  ok,
  type Result,
  type sessionsBegin,
} from "@caseroom/contract";
import { isPrincipalActive, presentMoment } from "@caseroom/space/verify";
import type { Metrics } from "../../http/metrics.ts";
import type { Call, Handler } from "../../http/operation-handler.ts";
import type { Account, AccountStore } from "../accounts/account-store.ts";
import type { Staff } from "../directory/staff.ts";
import type { ChainMemory } from "../links/chain-memory.ts";
import type { Access } from "../spaces/access.ts";
import { findStep } from "./one-time-code.ts";
import { checkPassword, NO_PASSWORD, parsePasswordHash } from "./password.ts";
import type { SignInLimit } from "./sign-in-limit.ts";
import type { SignIns } from "./sign-ins.ts";

export type BeginDeps = {
  readonly clock: Clock;
  readonly chains: ChainMemory;
  readonly access: Access;
  readonly accounts: AccountStore;
  readonly staff: Staff;
  readonly signIns: SignIns;
  readonly limit: SignInLimit;
  readonly metrics: Metrics;
};

type Person = Extract<Call<typeof sessionsBegin>["head"], { login: string }>;

/** sessions.begin: a person by password and one-time code, both at once and without saying which was wrong; a gateway by its device. */
export function beginSession(deps: BeginDeps): Handler<typeof sessionsBegin> {
  return async ({ head }) => {
    if ("kid" in head) {
      const known = checkGateway(deps, head.kid);
      if (!known.ok) return known;
      const { signInToken, challenge } = deps.signIns.begin({ kid: head.kid });
      return ok({ signInToken, challenge: bytesToBase64url(challenge), account: null });
    }
    const account = await checkPerson(deps, head);
    deps.metrics.count("caseroom_sign_ins_total", 1, { outcome: account.ok ? "ok" : account.error.code });
    if (!account.ok) return account;
    const { signInToken, challenge } = deps.signIns.begin({ account: account.value });
    return ok({ signInToken, challenge: bytesToBase64url(challenge), account: describe(deps, account.value) });
  };
}

async function checkPerson(deps: BeginDeps, { login, password, code }: Person): Promise<Result<Account, Failure>> {
  if (!deps.limit.allows(login)) return err(failure("TOO_MANY_REQUESTS"));
  const found = await deps.accounts.findOrAny(login);
  const expected = found === undefined ? undefined : parsePasswordHash(found.account.passwordHash);
  const isPassword = await checkPassword(password, expected ?? NO_PASSWORD);
  const step = found === undefined ? undefined : await findStep(found.account.totpSecret, code, deps.clock.nowMs());
  if (found?.isTheirs !== true || !isPassword || step === undefined) return err(failure("SIGN_IN_FAILED"));
  return (await deps.accounts.spendStep(login, step)) ? ok(found.account) : err(failure("SIGN_IN_FAILED"));
}

/** Only gateways sign in by their device alone: people prove two factors. */
function checkGateway({ chains, clock, access }: BeginDeps, kid: Kid): Result<undefined, Failure> {
  const userId = chains.view.ownerOf(kid);
  const user = userId === undefined ? undefined : chains.view.user(userId);
  const at = presentMoment(clock.nowMs());
  const isGateway =
    userId !== undefined &&
    user?.kind === "gateway" &&
    access.isDeviceActive({ userId, kid }) &&
    isPrincipalActive(chains.view, userId, at);
  return isGateway ? ok() : err(failure("DEVICE_NOT_ENROLLED"));
}

function describe({ staff, chains }: BeginDeps, { login, orgId, staffId, name }: Account) {
  const userId = staff.userOf(orgId, staffId) ?? null;
  const head = userId === null ? undefined : chains.view.user(userId)?.head;
  return { login, orgId, staffId, name, userId, userHead: head === undefined ? null : { n: head.n, hash: head.hash } };
}
