import {
  type Bytes,
  bytesToBase64url,
  type Clock,
  err,
  type Failure,
  failure,
  type Kid,
  ok,
  type Random,
  type Result,
  utf8ToBytes,
} from "@caseroom/contract";
import { digestOf } from "@caseroom/crypto/verify";
import type { Account } from "../accounts/account-store.ts";

/** A half-finished sign-in: a person has proven password and code, or a gateway has named its device. The device key comes next. */
export type SignIn = {
  readonly tokenHash: string;
  readonly challenge: Bytes;
  readonly who: { readonly account: Account } | { readonly kid: Kid };
  readonly expiresMs: number;
};

export type SignIns = {
  readonly begin: (who: SignIn["who"]) => { readonly signInToken: string; readonly challenge: Bytes };
  readonly check: (token: string | undefined) => Result<SignIn, Failure>;
  /** A token becomes at most one session. */
  readonly end: (signIn: SignIn) => boolean;
};

const LIFETIME_MS = 300_000;
const MAX_OPEN = 50_000;

export function createSignIns({ clock, random }: { readonly clock: Clock; readonly random: Random }): SignIns {
  const open = new Map<string, SignIn>();
  return {
    begin: (who) => {
      const now = clock.nowMs();
      // Insertion order is the order of expiry.
      for (const [key, signIn] of open) {
        if (signIn.expiresMs > now && open.size < MAX_OPEN) break;
        open.delete(key);
      }
      const signInToken = bytesToBase64url(random(32));
      const challenge = random(32);
      const tokenHash = digestOf(utf8ToBytes(signInToken));
      open.set(tokenHash, { tokenHash, challenge, who, expiresMs: now + LIFETIME_MS });
      return { signInToken, challenge };
    },
    check: (token) => {
      if (token === undefined) return err(failure("SESSION_REQUIRED"));
      const signIn = open.get(digestOf(utf8ToBytes(token)));
      return signIn === undefined || signIn.expiresMs <= clock.nowMs() ? err(failure("SESSION_EXPIRED")) : ok(signIn);
    },
    end: ({ tokenHash }) => open.delete(tokenHash),
  };
}
