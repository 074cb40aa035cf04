import {
  bytesToBase64url,
  bytesToId32,
  type Clock,
  type Digest,
  err,
  type Failure,
  failure,
  type Kid,
  ok,
  type Random,
  type Result,
  type UserId,
  utf8ToBytes,
} from "@caseroom/contract";
import { digestOf } from "@caseroom/crypto/verify";
import type { Sql } from "@caseroom/postgres";
import { fromColumn, toColumn } from "../../id-column.ts";

/** Who speaks: a bearer bound to one device. */
export type Session = {
  readonly tokenHash: Digest;
  readonly userId: UserId;
  readonly kid: Kid;
  readonly expiresMs: number;
};

export type SessionStore = {
  readonly open: (who: {
    readonly userId: UserId;
    readonly kid: Kid;
  }) => Promise<{ readonly token: string; readonly expiresMs: number }>;
  /** Also refuses a session whose device has been revoked since. */
  readonly check: (tokenHash: Digest | undefined) => Result<Session, Failure>;
  /** The same for a session in hand: sockets outlive their first check. */
  readonly recheck: (session: Session) => Result<Session, Failure>;
  readonly end: (session: Session) => Promise<void>;
  readonly load: () => Promise<void>;
};

const LIFETIME_MS = 12 * 3_600_000;

export function hashToken(token: string): Digest {
  return digestOf(utf8ToBytes(token));
}

/** Only the SHA-256 of a token is kept, in memory as on disk: who reads the database cannot speak for anybody. */
export function createSessionStore(deps: {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly random: Random;
  readonly isDeviceActive: (session: Pick<Session, "userId" | "kid">) => boolean;
}): SessionStore {
  const { sql, clock, random } = deps;
  const sessions = new Map<Digest, Session>();

  const recheck: SessionStore["recheck"] = (session) => {
    if (sessions.get(session.tokenHash) !== session) return err(failure("SESSION_EXPIRED"));
    if (session.expiresMs <= clock.nowMs()) {
      sessions.delete(session.tokenHash);
      return err(failure("SESSION_EXPIRED"));
    }
    return deps.isDeviceActive(session) ? ok(session) : err(failure("DEVICE_REVOKED"));
  };

  return {
    open: async ({ userId, kid }) => {
      const token = bytesToBase64url(random(32));
      const tokenHash = hashToken(token);
      const expiresMs = clock.nowMs() + LIFETIME_MS;
      await sql`
        INSERT INTO sessions (token_hash, user_id, kid, expires_ms)
        VALUES (${toColumn(tokenHash)}, ${toColumn(userId)}, ${toColumn(kid)}, ${expiresMs})`;
      sessions.set(tokenHash, { tokenHash, userId, kid, expiresMs });
      return { token, expiresMs };
    },
    check: (tokenHash) => {
      if (tokenHash === undefined) return err(failure("SESSION_REQUIRED"));
      const session = sessions.get(tokenHash);
      return session === undefined ? err(failure("SESSION_EXPIRED")) : recheck(session);
    },
    recheck,
    end: async ({ tokenHash }) => {
      sessions.delete(tokenHash);
      await sql`DELETE FROM sessions WHERE token_hash = ${toColumn(tokenHash)}`;
    },
    load: async () => {
      await sql`DELETE FROM sessions WHERE expires_ms <= ${clock.nowMs()}`;
      const rows = await sql<{ token_hash: Uint8Array; user_id: Uint8Array; kid: Uint8Array; expires_ms: number }[]>`
        SELECT token_hash, user_id, kid, expires_ms FROM sessions`;
      for (const row of rows) {
        const tokenHash = fromColumn(bytesToId32<Digest>(row.token_hash));
        const userId = fromColumn(bytesToId32<UserId>(row.user_id));
        sessions.set(tokenHash, {
          tokenHash,
          userId,
          kid: fromColumn(bytesToId32<Kid>(row.kid)),
          expiresMs: row.expires_ms,
        });
      }
    },
  };
}
