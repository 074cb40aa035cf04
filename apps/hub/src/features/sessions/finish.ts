import {
  err,
  type Failure,
  failure,
  type Kid,
  ok,
  type Result,
  type sessionsFinish,
  type UserId,
} from "@caseroom/contract";
import { verifySessionStatement } from "@caseroom/space/verify";
import { type Handler, signInOf } from "../../http/operation-handler.ts";
import type { AccountStore } from "../accounts/account-store.ts";
import type { Staff } from "../directory/staff.ts";
import type { ChainMemory } from "../links/chain-memory.ts";
import type { Access } from "../spaces/access.ts";
import type { SessionStore } from "./session-store.ts";
import type { SignIn, SignIns } from "./sign-ins.ts";

export type FinishDeps = {
  readonly chains: ChainMemory;
  readonly access: Access;
  readonly accounts: AccountStore;
  readonly staff: Staff;
  readonly signIns: SignIns;
  readonly sessions: SessionStore;
  /** The hub's own origin: a statement made for another audience is worth nothing here. */
  readonly audience: string;
};

/** sessions.finish: the device signs the challenge, and must be one of the person's whose password and code were right. */
export function finishSession(deps: FinishDeps): Handler<typeof sessionsFinish> {
  const { chains, signIns } = deps;
  return async (call) => {
    const signIn = signInOf(call);
    const consortium = chains.view.consortium();
    if (consortium === undefined) return err(failure("DEVICE_NOT_ENROLLED"));
    const kid = await verifySessionStatement(call.head.statement, {
      challenge: signIn.challenge,
      audience: deps.audience,
      consortiumId: consortium.id,
      publicKeyOf: (asked) => deviceOf(chains, asked)?.signingKey,
    });
    if (!kid.ok) return err(failure(kid.error.code === "DEVICE_NOT_ENROLLED" ? kid.error.code : "SIGN_IN_FAILED"));
    const userId = chains.view.ownerOf(kid.value);
    if (userId === undefined) return err(failure("DEVICE_NOT_ENROLLED"));
    if (!deps.access.isDeviceActive({ userId, kid: kid.value })) return err(failure("DEVICE_REVOKED"));
    const theirs = await checkOwner(deps, signIn, { userId, kid: kid.value });
    if (!theirs.ok) return theirs;
    if (!signIns.end(signIn)) return err(failure("SESSION_EXPIRED"));
    const { token, expiresMs } = await deps.sessions.open({ userId, kid: kid.value });
    return ok({ token, expiresMs, userId, kid: kid.value });
  };
}

function deviceOf(chains: ChainMemory, kid: Kid) {
  const owner = chains.view.ownerOf(kid);
  return owner === undefined ? undefined : chains.view.user(owner)?.devices.get(kid);
}

/** The institution's own word, its credential, says which user a member of staff is; the account only remembers it. */
async function checkOwner(
  { staff, accounts }: FinishDeps,
  { who }: SignIn,
  device: { readonly userId: UserId; readonly kid: Kid },
): Promise<Result<undefined, Failure>> {
  if ("kid" in who) return who.kid === device.kid ? ok() : err(failure("SIGN_IN_FAILED"));
  const { login, orgId, staffId, userId } = who.account;
  if (!staff.isStaff(device.userId, orgId, staffId)) {
    return err(failure(staff.userOf(orgId, staffId) === undefined ? "ENROLMENT_PENDING" : "SIGN_IN_FAILED"));
  }
  if (userId !== device.userId) await accounts.setUser(login, device.userId);
  return ok();
}
