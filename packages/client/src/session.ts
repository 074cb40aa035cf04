import {
  type Bytes,
  bytesToBase64url,
  type ConsortiumId,
  type Digest,
  err,
  type Failure,
  failure,
  type Kid,
  type OrgId,
  ok,
  type Result,
  sessionsBegin,
  sessionsFinish,
  type UserId,
} from "@caseroom/contract";
import type { SigningKey } from "@caseroom/crypto/sign";
import { signSession } from "@caseroom/space/sign";
import type { HubApi } from "./hub-api.ts";

/** A half-finished sign-in: password and code were right, and this device has not spoken yet. */
export type SignInBegun = {
  readonly signInToken: string;
  readonly challenge: Bytes;
  readonly account: Account | undefined;
};
export type Account = {
  readonly login: string;
  readonly orgId: OrgId;
  readonly staffId: string;
  readonly name: string;
  readonly userId: UserId | null;
  readonly userHead: { readonly n: number; readonly hash: Digest } | null;
};

export type Session = {
  readonly token: string;
  readonly expiresMs: number;
  readonly userId: UserId;
  readonly kid: Kid;
};

/** First step: a person proves password and one-time code, or a gateway names its device. */
export async function beginSignIn(
  api: HubApi,
  who: { readonly login: string; readonly password: string; readonly code: string } | { readonly kid: Kid },
): Promise<Result<SignInBegun, Failure>> {
  const reply = await api.call(sessionsBegin, { head: who });
  if (!reply.ok) return reply;
  const { signInToken, challenge, account } = reply.value.head;
  return ok({ signInToken, challenge, account: account ?? undefined });
}

/** Second step: this device signs the challenge for this hub; the bearer that comes back is bound to it. */
export async function finishSignIn(
  api: HubApi,
  input: { readonly begun: SignInBegun; readonly signing: SigningKey; readonly consortiumId: ConsortiumId },
): Promise<Result<Session, Failure>> {
  const { begun, signing, consortiumId } = input;
  const { challenge } = begun;
  const statement = await signSession({ key: signing, consortiumId }, { challenge, audience: api.audience });
  const reply = await api.call(sessionsFinish, {
    token: begun.signInToken,
    head: { statement: bytesToBase64url(statement) },
  });
  if (!reply.ok) return reply;
  return reply.value.head.kid === signing.kid ? ok(reply.value.head) : err(failure("SIGN_IN_FAILED"));
}
