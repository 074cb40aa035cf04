import type { Clock } from "@caseroom/contract";

/** How often a login may be tried. Counted by login, since guessing comes from many addresses. */
export type SignInLimit = { readonly allows: (login: string) => boolean };

const WINDOW_MS = 60_000;
const MAX_TRIES = 10;
const MAX_LOGINS = 100_000;

export function createSignInLimit(clock: Clock): SignInLimit {
  let tries = new Map<string, number>();
  let windowEnds = 0;
  return {
    allows: (login) => {
      const now = clock.nowMs();
      if (now >= windowEnds || tries.size >= MAX_LOGINS) {
        tries = new Map();
        windowEnds = now + WINDOW_MS;
      }
      const count = (tries.get(login) ?? 0) + 1;
      tries.set(login, count);
      return count <= MAX_TRIES;
    },
  };
}
