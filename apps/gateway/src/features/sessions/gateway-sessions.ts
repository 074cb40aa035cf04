import { createHash, randomBytes } from "node:crypto";
import type { Client } from "@caseroom/client";
import {
  type Bytes,
  err,
  type Failure,
  failure,
  type Kid,
  ok,
  type Result,
  toBytes,
  type UserId,
} from "@caseroom/contract";
import { credentialsAt, isDeviceActive, presentMoment, verifySessionStatement } from "@caseroom/space/verify";
import type { Institution } from "../../institution.ts";

/** Bearers of the institution's own staff at their gateway, bound to their device's key like those of the hub. */
export type GatewaySessions = {
  readonly begin: (userId: UserId) => { readonly signInToken: string; readonly challenge: Bytes };
  readonly finish: (
    signInToken: string,
    statement: Bytes,
  ) => Promise<Result<{ readonly token: string; readonly expiresMs: number }, Failure>>;
  readonly who: (
    token: string | undefined,
  ) => Result<StaffSession, Failure<"SESSION_REQUIRED" | "SESSION_EXPIRED" | "DEVICE_REVOKED">>;
};

export type StaffSession = {
  readonly userId: UserId;
  readonly staffId: string;
  readonly name: string;
  readonly role: string;
};

const SIGN_IN_MS = 5 * 60_000;
const SESSION_MS = 12 * 60 * 60_000;
const MAX_PENDING = 10_000;

export function createGatewaySessions(deps: {
  readonly client: Client;
  readonly institution: Institution;
  readonly audience: string;
  readonly nowMs: () => number;
}): GatewaySessions {
  const { client, institution, nowMs } = deps;
  const pending = new Map<string, { readonly userId: UserId; readonly challenge: Bytes; readonly expiresMs: number }>();
  const sessions = new Map<string, { readonly userId: UserId; readonly kid: Kid; readonly expiresMs: number }>();

  const staffOf = (userId: UserId): StaffSession | undefined => {
    const credential = credentialsAt(client.directory, userId, presentMoment(nowMs())).find(
      (one) => one.orgId === institution.orgId,
    );
    if (credential === undefined) return undefined;
    return { userId, staffId: credential.staffId, name: credential.name, role: credential.role };
  };
  const deviceOf = (userId: UserId, kid: Kid) => {
    const device = client.directory.user(userId)?.devices.get(kid);
    return isDeviceActive(device, presentMoment(nowMs())) ? device : undefined;
  };

  return {
    begin: (userId) => {
      if (pending.size >= MAX_PENDING) pending.clear();
      const signInToken = randomBytes(32).toString("base64url");
      const challenge = toBytes(randomBytes(32));
      pending.set(signInToken, { userId, challenge, expiresMs: nowMs() + SIGN_IN_MS });
      return { signInToken, challenge };
    },
    finish: async (signInToken, statement) => {
      const begun = pending.get(signInToken);
      pending.delete(signInToken);
      if (begun === undefined || begun.expiresMs < nowMs()) return err(failure("SESSION_EXPIRED"));
      if (client.directory.user(begun.userId) === undefined) await client.sync();
      const kid = await verifySessionStatement(statement, {
        challenge: begun.challenge,
        audience: deps.audience,
        consortiumId: institution.consortiumId,
        publicKeyOf: (one) => deviceOf(begun.userId, one)?.signingKey,
      });
      if (!kid.ok) return err(failure("SIGN_IN_FAILED"));
      if (staffOf(begun.userId) === undefined) return err(failure("FORBIDDEN", "no credential of this institution"));
      const token = randomBytes(32).toString("base64url");
      const expiresMs = nowMs() + SESSION_MS;
      sessions.set(hash(token), { userId: begun.userId, kid: kid.value, expiresMs });
      return ok({ token, expiresMs });
    },
    who: (token) => {
      const session = token === undefined ? undefined : sessions.get(hash(token));
      if (session === undefined) return err(failure("SESSION_REQUIRED"));
      if (session.expiresMs < nowMs()) return err(failure("SESSION_EXPIRED"));
      const staff = staffOf(session.userId);
      if (staff === undefined || deviceOf(session.userId, session.kid) === undefined)
        return err(failure("DEVICE_REVOKED"));
      return ok(staff);
    },
  };
}

function hash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
