import type { Failure } from "@caseroom/contract";
import { type Bytes, err, failure, ok, type Result, type UserId } from "@caseroom/contract";
import {
  asArrayOf,
  asBytes,
  asCount,
  asText,
  type CborMap,
  type CborValue,
  checkKemKey,
  isCborMap,
} from "@caseroom/crypto/verify";
import {
  type BodyFailure,
  checkBody,
  isAscending,
  type Recipient,
  readRecipients,
  readUserId,
} from "./chain-fields.ts";
import { parseRole, type Role } from "./role.ts";

/** The body of a commit: a full transition of members and keys (protocol §5.1, phase-1 §2.17). */
export type Commit = {
  readonly add: readonly { readonly userId: UserId; readonly inc: number; readonly role: Role }[];
  readonly rm: readonly { readonly userId: UserId }[];
  readonly role: readonly { readonly userId: UserId; readonly role: Role }[];
  readonly wa: readonly Recipient[];
  readonly ep: CommitEpoch | undefined;
};

export type CommitEpoch = {
  readonly e: number;
  readonly commitment: Bytes;
  readonly inboxKey: Bytes;
  readonly wl: readonly Recipient[];
  readonly history: { readonly e: number; readonly sealed: Bytes } | undefined;
};

type Parsed<T> = Result<T, BodyFailure | Failure<"HISTORY_CUT">>;

/** nonce ‖ 32-byte secret ‖ tag */
const HISTORY_BYTES = 12 + 32 + 16;

/** Types a commit. Lists are strictly ascending and never empty; an absent list is an absent key (phase-1 §3.6). */
export function readCommit(map: CborMap): Parsed<Commit> {
  // `rl` would hand older segments to a joiner and `bg` open an emergency: both are refused until they are built.
  if (map.has("rl")) return err(failure("HISTORY_CUT"));
  const body = checkBody(map, { required: [], optional: ["add", "rm", "role", "wa", "ep"] });
  if (!body.ok) return body;
  const add = readList(map.get("add"), readAdd);
  const rm = readList(map.get("rm"), readRemoval);
  const role = readList(map.get("role"), readRoleChange);
  const wa = map.has("wa") ? readRecipients(map.get("wa")) : [];
  if (add === "newer" || rm === "newer" || role === "newer") return err(failure("UPDATE_REQUIRED"));
  if (add === undefined || rm === undefined || role === undefined || wa === undefined) {
    return err(failure("LINK_INVALID", "a list of a commit"));
  }
  if (add.some((one) => one.hist === "segment")) return err(failure("HISTORY_CUT"));
  if (map.has("wa") && (wa.length === 0 || map.has("ep"))) return err(failure("LINK_INVALID", "wa"));
  if (!map.has("ep")) return ok({ add, rm, role, wa, ep: undefined });
  const ep = readEpoch(map.get("ep"));
  return ep.ok ? ok({ add, rm, role, wa, ep: ep.value }) : ep;
}

function readEpoch(value: CborValue | undefined): Parsed<CommitEpoch> {
  if (!isCborMap(value)) return err(failure("LINK_INVALID", "ep"));
  const body = checkBody(value, { required: ["e", "cmt", "ipk", "wl"], optional: ["h"] });
  if (!body.ok) return body;
  const e = asCount(value.get("e"));
  const commitment = asBytes(value.get("cmt"), 32);
  const inboxKey = checkKemKey(asBytes(value.get("ipk")) ?? new Uint8Array(0));
  if (!inboxKey.ok) return inboxKey;
  const wl = readRecipients(value.get("wl"));
  if (e === undefined || commitment === undefined || wl === undefined) return err(failure("LINK_INVALID", "ep"));
  const history = value.has("h") ? readHistory(value.get("h")) : ok(undefined);
  return history.ok ? ok({ e, commitment, inboxKey: inboxKey.value, wl, history: history.value }) : history;
}

function readHistory(value: CborValue | undefined): Parsed<CommitEpoch["history"]> {
  if (!isCborMap(value)) return err(failure("LINK_INVALID", "h"));
  // Phase 1 builds "link" only and refuses cut and ring by name (phase-1 §2.17).
  if (value.get("m") !== "link") return err(failure("HISTORY_CUT"));
  const body = checkBody(value, { required: ["m", "e", "c"] });
  if (!body.ok) return body;
  const e = asCount(value.get("e"));
  const sealed = asBytes(value.get("c"), HISTORY_BYTES);
  return e === undefined || sealed === undefined ? err(failure("LINK_INVALID", "h")) : ok({ e, sealed });
}

/** `newer`: an item has a role or a key that this version does not know (phase-1 §3.11). */
function readList<T extends { readonly userId: UserId }>(
  value: CborValue | undefined,
  read: (item: CborMap) => T | "newer" | undefined,
): readonly T[] | "newer" | undefined {
  if (value === undefined) return [];
  const items = asArrayOf(value, (item) => (isCborMap(item) ? read(item) : undefined));
  if (items === undefined || items.length === 0) return undefined;
  const list = items.filter((item) => item !== "newer");
  if (list.length < items.length) return "newer";
  return isAscending(list.map((one) => one.userId)) ? list : undefined;
}

function readAdd(map: CborMap) {
  const userId = readUserId(map.get("u"));
  const inc = asCount(map.get("inc"));
  const role = asText(map.get("role"));
  const hist = map.get("hist");
  if (userId === undefined || inc === undefined || role === undefined) return undefined;
  if (hist !== "all" && hist !== "segment") return undefined;
  const known = parseRole(role);
  return map.size > 4 || known === undefined ? "newer" : { userId, inc, role: known, hist };
}

function readRemoval(map: CborMap) {
  const userId = readUserId(map.get("u"));
  if (userId === undefined || asText(map.get("code"), 32) === undefined) return undefined;
  return map.size > 2 ? "newer" : { userId };
}

function readRoleChange(map: CborMap) {
  const userId = readUserId(map.get("u"));
  const role = asText(map.get("role"));
  if (userId === undefined || role === undefined) return undefined;
  const known = parseRole(role);
  return map.size > 2 || known === undefined ? "newer" : { userId, role: known };
}
