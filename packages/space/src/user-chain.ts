import {
  type Bytes,
  bytesToId32,
  type Digest,
  err,
  type Failure,
  failure,
  idToBytes,
  type Kid,
  ok,
  type Result,
  type UserId,
} from "@caseroom/contract";
import {
  asArray,
  asArrayOf,
  asBytes,
  asCount,
  type CborMap,
  type CborValue,
  checkKemKey,
  encodeCbor,
  isCborMap,
  parseSign1,
  SIGNED_TYPES,
  verifySign1,
} from "@caseroom/crypto/verify";
import { checkBody, type DeviceRecord, isAscending, readDevice, readDigest, readKid } from "./chain-fields.ts";
import { headAfter } from "./chain-head.ts";
import type { ChainView, ConsState, DeviceState, PukState, UserState, WrapRef } from "./chain-state.ts";
import type { ParsedLink } from "./link.ts";
import type { Moment } from "./moment.ts";
import { activeDevices, isDeviceActive } from "./principal.ts";

type Step = Result<UserState, Failure>;
type Context = {
  readonly link: ParsedLink;
  readonly at: Moment;
  readonly consortium: ConsState;
  readonly view: ChainView;
};

/** A user's chain: devices and the per-user key (PUK) that everything is wrapped to (protocol §4, phase-1 §2.18). */
export async function applyUserLink(state: UserState | undefined, context: Context): Promise<Step> {
  const { link, at, consortium } = context;
  const founded = state === undefined ? found(context) : ok(state);
  if (!founded.ok) return founded;
  const kid = link.signers[0];
  const device = kid === undefined ? undefined : founded.value.devices.get(kid);
  if (device === undefined || !("one" in link.cose)) return err(failure("DEVICE_NOT_ENROLLED"));
  if (state !== undefined && !isDeviceActive(device, at)) return err(failure("DEVICE_REVOKED"));
  const signed = await verifySign1({
    parsed: link.cose.one,
    typ: SIGNED_TYPES.link,
    publicKey: device.signingKey,
    aad: idToBytes(consortium.id),
  });
  if (!signed.ok) return signed;
  return state === undefined ? founded : extend(state, context);
}

function found({ link, at, view }: Context): Step {
  const body = checkBody(link.body, { required: ["kind", "dev"] });
  if (!body.ok) return body;
  const kind = body.value.get("kind");
  const device = readDevice(body.value.get("dev"));
  if (!device.ok) return device;
  const id = bytesToId32<UserId>(idToBytes(link.chainId));
  if (id === undefined || (kind !== "person" && kind !== "gateway")) return err(failure("LINK_INVALID", "kind"));
  if (view.ownerOf(device.value.kid) !== undefined)
    return err(failure("DUPLICATE", "the device belongs to another user"));
  return ok({
    ct: "user",
    id,
    head: headAfter(link, at),
    kind,
    devices: new Map([[device.value.kid, { ...device.value, from: at }]]),
    puks: [],
    wraps: new Map(),
  });
}

async function extend(state: UserState, context: Context): Promise<Step> {
  const { link, at } = context;
  const next = { ...state, head: headAfter(link, at) };
  // "Link n=1 MUST be puk.rotate g=1" (phase-1 §2.1): nothing else may come before the first key.
  if (state.puks.length === 0 && link.op !== "puk.rotate")
    return err(failure("LINK_INVALID", "the first key comes first"));
  switch (link.op) {
    case "puk.rotate":
      return rotate(next, link.body, context);
    case "device.add":
      return addDevice(next, context);
    case "device.revoke":
      return revokeDevice(next, context);
    default:
      return err(failure("UPDATE_REQUIRED"));
  }
}

function rotate(state: UserState, body: CborMap, { link, at }: Context): Step {
  const puk = readPuk(state, body, at);
  if (!puk.ok) return puk;
  const signer = link.signers[0];
  if (link.p === null || signer === undefined) return err(failure("LINK_INVALID"));
  const wraps = new Map<Kid, WrapRef>();
  for (const { kid, hash } of puk.value.wraps) {
    wraps.set(kid, { generation: puk.value.state.g, hash, p: link.p, signer, pukGen: 0 });
  }
  return ok({ ...state, puks: [...state.puks, puk.value.state], wraps });
}

function readPuk(
  state: UserState,
  map: CborMap,
  at: Moment,
): Result<{ readonly state: PukState; readonly wraps: readonly DeviceWrap[] }, Failure> {
  const before = state.puks.at(-1);
  const body = checkBody(map, { required: before === undefined ? ["g", "pk", "w"] : ["g", "pk", "w", "hist"] });
  if (!body.ok) return body;
  const g = asCount(map.get("g"));
  const publicKey = checkKemKey(asBytes(map.get("pk")) ?? new Uint8Array(0));
  if (!publicKey.ok) return publicKey;
  const wraps = asArrayOf(map.get("w"), readDeviceWrap);
  // nonce ‖ 32-byte seed ‖ tag
  const history = before === undefined ? undefined : asBytes(map.get("hist"), 12 + 32 + 16);
  if (g !== (before?.g ?? 0) + 1 || wraps === undefined) return err(failure("LINK_INVALID", "generation or wraps"));
  if (before !== undefined && history === undefined) return err(failure("LINK_INVALID", "history"));
  const active = activeDevices(state, at).map((device) => device.kid);
  const given = wraps.map((wrap) => wrap.kid);
  if (!isAscending(given) || given.length !== active.length || !active.every((kid) => given.includes(kid))) {
    return err(failure("LINK_REFUSED", "a key goes to exactly the active devices"));
  }
  return ok({ state: { g, publicKey: publicKey.value, history, at }, wraps });
}

type DeviceWrap = { readonly kid: Kid; readonly hash: Digest };

function readDeviceWrap(value: CborValue): DeviceWrap | undefined {
  const parts = asArray(value);
  const kid = parts?.length === 2 ? readKid(parts[0]) : undefined;
  const hash = readDigest(parts?.[1]);
  return kid === undefined || hash === undefined ? undefined : { kid, hash };
}

async function addDevice(state: UserState, context: Context): Promise<Step> {
  const { link, at, view } = context;
  const body = checkBody(link.body, { required: ["dev", "pop", "w"] });
  if (!body.ok) return body;
  const device = readDevice(body.value.get("dev"));
  if (!device.ok) return device;
  const wrap = readDeviceWrap(body.value.get("w") ?? null);
  const pop = asBytes(body.value.get("pop"));
  const puk = state.puks.at(-1);
  const signer = link.signers[0];
  if (
    wrap?.kid !== device.value.kid ||
    pop === undefined ||
    puk === undefined ||
    link.p === null ||
    signer === undefined
  ) {
    return err(failure("LINK_INVALID"));
  }
  if (view.ownerOf(device.value.kid) !== undefined)
    return err(failure("DUPLICATE", "the device belongs to a user already"));
  const possession = await checkPossession({
    pop,
    device: device.value,
    record: body.value.get("dev"),
    state,
    context,
  });
  if (!possession.ok) return possession;
  const added: DeviceState = { ...device.value, from: at };
  return ok({
    ...state,
    devices: new Map(state.devices).set(added.kid, added),
    wraps: new Map(state.wraps).set(added.kid, { generation: puk.g, hash: wrap.hash, p: link.p, signer, pukGen: 0 }),
  });
}

/** pop = COSE_Sign1(new device, cr1/dev-pop, CBOR[userId, n, p, dev]): nobody enrols a key that is not theirs (phase-1 §2.18). */
async function checkPossession(input: {
  readonly pop: Bytes;
  readonly device: DeviceRecord;
  readonly record: CborValue | undefined;
  readonly state: UserState;
  readonly context: Context;
}): Promise<Result<undefined, Failure>> {
  const { pop, device, record, state, context } = input;
  const parsed = parseSign1(pop);
  if (!parsed.ok) return parsed;
  const signed = await verifySign1({
    parsed: parsed.value,
    typ: SIGNED_TYPES.devicePossession,
    publicKey: device.signingKey,
    aad: idToBytes(context.consortium.id),
  });
  if (!signed.ok) return signed;
  if (record === undefined || context.link.p === null) return err(failure("LINK_INVALID"));
  const expected = encodeCbor([idToBytes(state.id), context.link.n, idToBytes(context.link.p), record]);
  const matches = parsed.value.kid === device.kid && sameBytes(signed.value, expected);
  return matches ? ok() : err(failure("SIGNATURE_INVALID", "proof of possession of something else"));
}

function sameBytes(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Revocation brings the next PUK in the same link, so that the revoked device never reads on. */
function revokeDevice(state: UserState, context: Context): Step {
  const { link, at } = context;
  const body = checkBody(link.body, { required: ["kid", "puk"] });
  if (!body.ok) return body;
  const kid = readKid(body.value.get("kid"));
  const puk = body.value.get("puk");
  const device = kid === undefined ? undefined : state.devices.get(kid);
  if (kid === undefined || device === undefined || !isDeviceActive(device, at) || !isCborMap(puk)) {
    return err(failure("LINK_INVALID", "no such active device"));
  }
  const without = { ...state, devices: new Map(state.devices).set(kid, { ...device, until: at }) };
  return rotate(without, puk, context);
}
