import { bytesToId32, err, type Failure, failure, idToBytes, type OrgId, ok, type Result } from "@caseroom/contract";
import { asCount, asText, type CborMap, SIGNED_TYPES, verifySign } from "@caseroom/crypto/verify";
import { checkBody, readSigningKeys, readUserId } from "./chain-fields.ts";
import { headAfter } from "./chain-head.ts";
import type { ConsState, Credential, OrgState } from "./chain-state.ts";
import type { ParsedLink } from "./link.ts";
import type { Moment } from "./moment.ts";

type Step = Result<OrgState, Failure>;

/** An institution's chain: its CA keys, its staff's credentials and its gateways (protocol §4). */
export async function applyOrgLink(
  state: OrgState | undefined,
  link: ParsedLink,
  at: Moment,
  consortium: ConsState,
): Promise<Step> {
  const founded = state === undefined ? found(link, at) : ok(state);
  if (!founded.ok) return founded;
  if (!("many" in link.cose)) return err(failure("COSE_INVALID"));
  const { caKeys } = founded.value;
  const aad = idToBytes(consortium.id);
  const signed = await verifySign({ parsed: link.cose.many, typ: SIGNED_TYPES.link, publicKeys: caKeys, aad });
  if (!signed.ok) return signed;
  return state === undefined ? founded : extend(state, link, at);
}

function found(link: ParsedLink, at: Moment): Step {
  const body = checkBody(link.body, { required: ["caKeys"] });
  if (!body.ok) return body;
  const caKeys = readSigningKeys(body.value.get("caKeys"));
  if (!caKeys.ok) return caKeys;
  const id = bytesToId32<OrgId>(idToBytes(link.chainId));
  if (!link.isGenesis || id === undefined) return err(failure("LINK_INVALID"));
  return ok({
    ct: "org",
    id,
    head: headAfter(link, at),
    caKeys: caKeys.value,
    credentials: new Map(),
    gateways: new Map(),
  });
}

function extend(state: OrgState, link: ParsedLink, at: Moment): Step {
  const head = headAfter(link, at);
  switch (link.op) {
    case "cred.issue":
      return issue({ ...state, head }, link.body, at);
    case "cred.revoke":
      return revoke({ ...state, head }, link.body, at);
    case "gw.add":
      return addGateway({ ...state, head }, link.body, at);
    case "gw.revoke":
      return revokeGateway({ ...state, head }, link.body, at);
    default:
      return err(failure("UPDATE_REQUIRED"));
  }
}

function issue(state: OrgState, map: CborMap, at: Moment): Step {
  const body = checkBody(map, { required: ["user", "name", "role", "staff"], optional: ["licence", "dept", "exp"] });
  if (!body.ok) return body;
  const userId = readUserId(map.get("user"));
  const name = asText(map.get("name"), 128);
  const role = asText(map.get("role"), 64);
  const staffId = asText(map.get("staff"), 64);
  const exp = map.has("exp") ? asCount(map.get("exp")) : undefined;
  if (userId === undefined || name === undefined || role === undefined || staffId === undefined) {
    return err(failure("LINK_INVALID"));
  }
  if (map.has("exp") && exp === undefined) return err(failure("LINK_INVALID", "exp"));
  const credential: Credential = {
    userId,
    orgId: state.id,
    staffId,
    name,
    role,
    from: at,
    ...(exp === undefined ? {} : { exp }),
  };
  // A newer credential replaces the one that holds.
  const earlier = (state.credentials.get(userId) ?? []).map((one) =>
    one.until === undefined ? { ...one, until: at } : one,
  );
  return ok({ ...state, credentials: new Map(state.credentials).set(userId, [...earlier, credential]) });
}

function revoke(state: OrgState, map: CborMap, at: Moment): Step {
  const body = checkBody(map, { required: ["user"] });
  if (!body.ok) return body;
  const userId = readUserId(map.get("user"));
  const held = userId === undefined ? undefined : state.credentials.get(userId);
  if (userId === undefined || held === undefined || held.every((one) => one.until !== undefined)) {
    return err(failure("LINK_INVALID", "no credential that holds"));
  }
  const closed = held.map((one) => (one.until === undefined ? { ...one, until: at } : one));
  return ok({ ...state, credentials: new Map(state.credentials).set(userId, closed) });
}

function addGateway(state: OrgState, map: CborMap, at: Moment): Step {
  const body = checkBody(map, { required: ["user", "name"] });
  if (!body.ok) return body;
  const userId = readUserId(map.get("user"));
  const name = asText(map.get("name"), 128);
  if (userId === undefined || name === undefined || state.gateways.has(userId)) return err(failure("LINK_INVALID"));
  return ok({ ...state, gateways: new Map(state.gateways).set(userId, { name, from: at }) });
}

function revokeGateway(state: OrgState, map: CborMap, at: Moment): Step {
  const body = checkBody(map, { required: ["user"] });
  if (!body.ok) return body;
  const userId = readUserId(map.get("user"));
  const gateway = userId === undefined ? undefined : state.gateways.get(userId);
  if (userId === undefined || gateway === undefined || gateway.until !== undefined) return err(failure("LINK_INVALID"));
  return ok({ ...state, gateways: new Map(state.gateways).set(userId, { ...gateway, until: at }) });
}
