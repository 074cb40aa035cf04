import {
  bytesToId32,
  type ConsortiumId,
  err,
  type Failure,
  failure,
  idToBytes,
  type OrgId,
  ok,
  type Result,
} from "@caseroom/contract";
import { asBytes, asCount, asText, isCborMap, SIGNED_TYPES, verifySign } from "@caseroom/crypto/verify";
import { checkBody, readSigningKeys } from "./chain-fields.ts";
import { headAfter } from "./chain-head.ts";
import type { ConsState } from "./chain-state.ts";
import type { ParsedLink } from "./link.ts";
import type { Moment } from "./moment.ts";

/** The consortium chain: who the roots are, which log counts, which institutions belong (protocol §4, phase-1 §4). */
export async function applyConsLink(
  state: ConsState | undefined,
  link: ParsedLink,
  at: Moment,
): Promise<Result<ConsState, Failure>> {
  const founded = state === undefined ? found(link, at) : ok(state);
  if (!founded.ok) return founded;
  const { rootKeys, k } = founded.value;
  if (!("many" in link.cose)) return err(failure("COSE_INVALID"));
  // The consortium's id does not exist before its genesis: for this one link the external_aad is empty (phase-1 §2.2).
  const aad = state === undefined ? new Uint8Array(0) : idToBytes(state.id);
  const signed = await verifySign({ parsed: link.cose.many, typ: SIGNED_TYPES.link, publicKeys: rootKeys, aad });
  if (!signed.ok) return signed;
  if (signed.value.signers.length < k) return err(failure("LINK_REFUSED", "too few roots signed"));
  // Only what the roots signed may tell a client that it is too old.
  return state === undefined ? founded : extend(state, link, at);
}

function found(link: ParsedLink, at: Moment): Result<ConsState, Failure> {
  const body = checkBody(link.body, { required: ["rootKeys", "k", "origin", "logKey", "cosignKey", "suite"] });
  if (!body.ok) return body;
  const rootKeys = readSigningKeys(body.value.get("rootKeys"));
  if (!rootKeys.ok) return rootKeys;
  const k = asCount(body.value.get("k"));
  const origin = asText(body.value.get("origin"), 256);
  const logKey = asBytes(body.value.get("logKey"), 32);
  const cosignKey = asBytes(body.value.get("cosignKey"), 32);
  const id = bytesToId32<ConsortiumId>(idToBytes(link.chainId));
  if (!link.isGenesis || link.cp !== null || id === undefined) return err(failure("LINK_INVALID"));
  if (k === undefined || k < 1 || k > rootKeys.value.size) return err(failure("LINK_INVALID", "k"));
  if (origin === undefined || logKey === undefined || cosignKey === undefined)
    return err(failure("LINK_INVALID", "log"));
  if (!isCborMap(body.value.get("suite"))) return err(failure("LINK_INVALID", "suite"));
  return ok({
    ct: "cons",
    id,
    head: headAfter(link, at),
    rootKeys: rootKeys.value,
    k,
    log: { origin, logKey, cosignKey },
    orgs: new Map(),
  });
}

function extend(state: ConsState, link: ParsedLink, at: Moment): Result<ConsState, Failure> {
  if (link.op !== "org.admit") return err(failure("UPDATE_REQUIRED"));
  const body = checkBody(link.body, { required: ["org", "name"] });
  if (!body.ok) return body;
  const orgBytes = asBytes(body.value.get("org"), 32);
  const orgId = orgBytes === undefined ? undefined : bytesToId32<OrgId>(orgBytes);
  const name = asText(body.value.get("name"), 128);
  if (orgId === undefined || name === undefined || state.orgs.has(orgId)) return err(failure("LINK_INVALID"));
  return ok({ ...state, head: headAfter(link, at), orgs: new Map(state.orgs).set(orgId, { name, at }) });
}
