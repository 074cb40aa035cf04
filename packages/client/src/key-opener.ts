import { type Bytes, type ConsortiumId, type Digest, failure, type UserId, wrapsGet } from "@caseroom/contract";
import { digestOf } from "@caseroom/crypto/verify";
import { openPuk, type PukRing } from "@caseroom/space/secret";
import type { Directory } from "@caseroom/space/verify";
import type { AlarmBell } from "./alarm-bell.ts";
import type { DeviceKeys } from "./device-keys.ts";
import type { HubApi } from "./hub-api.ts";
import type { Store } from "./store/store.ts";

/** Fetches wraps and opens the user's own keys from them. */
export type KeyOpener = {
  readonly fetchWrap: (hash: Digest) => Promise<Bytes | undefined>;
  readonly puk: () => Promise<PukRing | undefined>;
  /** Whether the hub answered when it was last asked: a wrap that could not be asked for is not withheld. */
  readonly hubAnswers: () => boolean;
};

export function createKeyOpener(deps: {
  readonly api: HubApi;
  readonly store: Store;
  readonly directory: Directory;
  readonly bell: AlarmBell;
  readonly keys: DeviceKeys;
  readonly userId: UserId;
  readonly consortiumId: ConsortiumId;
}): KeyOpener {
  const { api, store, directory, keys, consortiumId } = deps;
  let ring: PukRing | undefined;
  let hasAnswered = true;

  const fetchWrap: KeyOpener["fetchWrap"] = async (hash) => {
    const kept = await store.get("wrap", hash);
    hasAnswered = true;
    if (kept !== undefined) return kept;
    const reply = await api.call(wrapsGet, { head: { hashes: [hash] } });
    hasAnswered = reply.ok;
    const wrap = reply.ok ? reply.value.parts[0] : undefined;
    // Named by its hash in a signed link: the hub cannot hand out another one.
    if (wrap === undefined || wrap.length === 0) return undefined;
    if (digestOf(wrap) !== hash) {
      await deps.bell.ring(failure("WRAP_INVALID", "another wrap than the link names"), {}, wrap);
      return undefined;
    }
    await store.write([{ table: "wrap", key: hash, value: wrap }]);
    return wrap;
  };

  return {
    fetchWrap,
    hubAnswers: () => hasAnswered,
    puk: async () => {
      const user = directory.user(deps.userId);
      if (user === undefined) return undefined;
      if (ring !== undefined && ring.g === user.puks.at(-1)?.g) return ring;
      const opened = await openPuk({ consortiumId, user, kid: keys.signing.kid, kemKey: keys.kem, fetchWrap });
      if (opened.ok) ring = opened.value;
      else if (hasAnswered) await deps.bell.ring(opened.error, {});
      return ring;
    },
  };
}
