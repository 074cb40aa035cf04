import {
  bytesToId32,
  type CompId,
  err,
  type Failure,
  failure,
  idToBytes,
  ok,
  type Result,
  type SpaceId,
  type UserId,
} from "@caseroom/contract";
import { asArrayOf, asBytes, asCount, type CborMap, isCborMap } from "@caseroom/crypto/verify";
import { checkBody, isAscending, readUserId } from "./chain-fields.ts";
import { headAfter } from "./chain-head.ts";
import type { ChainView, SpaceState } from "./chain-state.ts";
import type { ParsedLink } from "./link.ts";
import { holdsAt, type Moment } from "./moment.ts";

type Step = Result<SpaceState, Failure>;
type Context = { readonly link: ParsedLink; readonly at: Moment; readonly signer: UserId; readonly view: ChainView };

/** A space's chain: its admins, its compartments, who is banned (protocol §4, phase-1 §1). The signature has been verified. */
export function applySpaceLink(state: SpaceState | undefined, context: Context): Step {
  if (state === undefined) return found(context);
  const admin = state.admins.get(context.signer);
  if (admin === undefined || !holdsAt(admin, context.at))
    return err(failure("LINK_REFUSED", "only an admin of the space"));
  return extend({ ...state, head: headAfter(context.link, context.at) }, context);
}

function found({ link, at, signer }: Context): Step {
  const body = checkBody(link.body, { required: ["kind", "policy", "admins", "nonce"] });
  if (!body.ok) return body;
  const kind = body.value.get("kind");
  const admins = asArrayOf(body.value.get("admins"), readUserId);
  const id = bytesToId32<SpaceId>(idToBytes(link.chainId));
  if (id === undefined || (kind !== "case" && kind !== "chart") || !isCborMap(body.value.get("policy"))) {
    return err(failure("LINK_INVALID"));
  }
  if (admins === undefined || !isAscending(admins) || asBytes(body.value.get("nonce"), 16) === undefined) {
    return err(failure("LINK_INVALID"));
  }
  if (!admins.includes(signer)) return err(failure("LINK_REFUSED", "whoever founds a space is one of its admins"));
  return ok({
    ct: "space",
    id,
    head: headAfter(link, at),
    kind,
    admins: new Map(admins.map((userId) => [userId, { from: at }])),
    comps: [],
    bans: new Map(),
  });
}

function extend(state: SpaceState, context: Context): Step {
  const { link, at } = context;
  switch (link.op) {
    case "comp.add":
      return addCompartments(state, context);
    case "admin.add":
      return withUser(link.body, ["u"], (userId) =>
        isHolding(state.admins.get(userId), at)
          ? err(failure("LINK_INVALID", "an admin already"))
          : ok({ ...state, admins: new Map(state.admins).set(userId, { from: at }) }),
      );
    case "admin.remove":
      return withUser(link.body, ["u"], (userId) => {
        const others = [...state.admins].filter(([id, interval]) => id !== userId && holdsAt(interval, at));
        const present = state.admins.get(userId);
        if (present === undefined || !isHolding(present, at) || others.length === 0)
          return err(failure("LINK_REFUSED"));
        return ok({ ...state, admins: new Map(state.admins).set(userId, { ...present, until: at }) });
      });
    case "ban":
      return withUser(link.body, ["u", "inc"], (userId) =>
        ok({ ...state, bans: new Map(state.bans).set(userId, { from: at }) }),
      );
    case "unban":
      return withUser(link.body, ["u", "inc"], (userId) => {
        const ban = state.bans.get(userId);
        if (ban === undefined || !isHolding(ban, at)) return err(failure("LINK_INVALID"));
        return ok({ ...state, bans: new Map(state.bans).set(userId, { ...ban, until: at }) });
      });
    default:
      return err(failure("UPDATE_REQUIRED"));
  }
}

function addCompartments(state: SpaceState, { link, view }: Context): Step {
  const body = checkBody(link.body, { required: ["comps"] });
  if (!body.ok) return body;
  const comps = asArrayOf(body.value.get("comps"), (item) => {
    const bytes = asBytes(item, 32);
    return bytes === undefined ? undefined : bytesToId32<CompId>(bytes);
  });
  if (comps === undefined || comps.length === 0 || !isAscending(comps)) return err(failure("LINK_INVALID"));
  for (const compId of comps) {
    if (state.comps.includes(compId)) return err(failure("LINK_INVALID", "listed already"));
    const comp = view.comp(compId);
    if (comp !== undefined && comp.spaceId !== state.id) return err(failure("LINK_REFUSED", "of another space"));
  }
  return ok({ ...state, comps: [...state.comps, ...comps] });
}

function withUser(map: CborMap, required: readonly string[], then: (userId: UserId) => Step): Step {
  const body = checkBody(map, { required });
  if (!body.ok) return body;
  const userId = readUserId(map.get("u"));
  if (userId === undefined || (map.has("inc") && asCount(map.get("inc")) === undefined))
    return err(failure("LINK_INVALID"));
  return then(userId);
}

function isHolding(interval: Parameters<typeof holdsAt>[0] | undefined, at: Moment): boolean {
  return interval !== undefined && holdsAt(interval, at);
}
