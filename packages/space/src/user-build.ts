import {
  type Bytes,
  type ConsortiumId,
  type Digest,
  err,
  expectOk,
  type Failure,
  failure,
  idToBytes,
  type Kid,
  ok,
  parseId32,
  type Random,
  type Result,
  type UserId,
} from "@caseroom/contract";
import { type SigningKey, sign1 } from "@caseroom/crypto/sign";
import {
  asBytes,
  type CborMap,
  type CborValue,
  decodeStrict,
  digestOf,
  encodeCbor,
  isCborMap,
  SIGNED_TYPES,
} from "@caseroom/crypto/verify";
import { type DeviceRecord, readDevice } from "./chain-fields.ts";
import type { UserState } from "./chain-state.ts";
import type { CheckpointRef, ParsedLink } from "./link.ts";
import { headOf, NOTHING_SEEN, signLink } from "./link-sign.ts";
import { presentMoment } from "./moment.ts";
import { activeDevices } from "./principal.ts";
import { derivePukKey, sealPukHistory } from "./puk.ts";
import { pukWrapInfo, sealWrap } from "./wrap.ts";

/** Links together with the wraps that they name. */
export type Draft = { readonly links: readonly ParsedLink[]; readonly wraps: readonly Bytes[] };

type Common = { readonly consortiumId: ConsortiumId; readonly nowMs: number; readonly random: Random };
export type OwnDevice = { readonly signing: SigningKey; readonly kemPublicKey: Bytes; readonly kind: string };

/** user/genesis with device 0, and the first key right after it: one cannot be without the other (phase-1 §2.1). */
export async function createUser(
  input: Common & { readonly kind: "person" | "gateway"; readonly device: OwnDevice },
): Promise<Draft & { readonly userId: UserId }> {
  const { consortiumId, nowMs, device } = input;
  const body = new Map<string, CborValue>([
    ["kind", input.kind],
    ["dev", encodeDevice(device)],
  ]);
  const draft = { ct: "user", head: undefined, op: "genesis", body, cp: NOTHING_SEEN, nowMs } as const;
  const genesis = await signLink(draft, [device.signing], consortiumId);
  const userId = userIdOf(genesis);
  const recipients = [{ kid: device.signing.kid, kemKey: device.kemPublicKey }];
  const puk = await createPuk({ ...input, userId, g: 1, previous: undefined, recipients, p: genesis.hash });
  const rotation = {
    ct: "user",
    head: headOf(genesis),
    op: "puk.rotate",
    body: puk.body,
    cp: NOTHING_SEEN,
    nowMs,
  } as const;
  return { userId, links: [genesis, await signLink(rotation, [device.signing], consortiumId)], wraps: puk.wraps };
}

type Existing = Common & {
  readonly user: UserState;
  readonly signing: SigningKey;
  /** The present PUK. */
  readonly seed: Bytes;
  readonly cp: CheckpointRef;
};

/** user/puk.rotate: the next generation, to every active device. */
export async function rotatePuk(input: Existing): Promise<Draft> {
  const { user, consortiumId, nowMs, cp } = input;
  const puk = await nextPuk(input, deviceRecipients(user, nowMs));
  const draft = { ct: "user", head: headOfState(user), op: "puk.rotate", body: puk.body, cp, nowMs } as const;
  return { links: [await signLink(draft, [input.signing], consortiumId)], wraps: puk.wraps };
}

/** user/device.revoke: the device goes and the next key comes in the same link. */
export async function revokeDevice(input: Existing & { readonly kid: Kid }): Promise<Draft> {
  const { user, consortiumId, nowMs, cp, kid } = input;
  const puk = await nextPuk(
    input,
    deviceRecipients(user, nowMs).filter((recipient) => recipient.kid !== kid),
  );
  const body = new Map<string, CborValue>([
    ["kid", idToBytes(kid)],
    ["puk", puk.body],
  ]);
  const draft = { ct: "user", head: headOfState(user), op: "device.revoke", body, cp, nowMs } as const;
  return { links: [await signLink(draft, [input.signing], consortiumId)], wraps: puk.wraps };
}

/** What a further device asks of one that its user has: its public keys, and its word that they are its own. */
export type DeviceRequest = { readonly record: CborMap; readonly device: DeviceRecord };

/** A further device's request, as it travels over the hub. Its proof of possession follows when the place in the chain is known. */
export function encodeDeviceRequest(device: OwnDevice, possession: Bytes): Bytes {
  return encodeCbor([encodeDevice(device), possession]);
}

export function parseDeviceRequest(
  bytes: Uint8Array,
): Result<DeviceRequest & { readonly possession: Bytes }, Failure<"KEY_INVALID" | "BAD_REQUEST">> {
  const decoded = decodeStrict(bytes, { maxBytes: 8192 });
  const parts = decoded.ok && Array.isArray(decoded.value) && decoded.value.length === 2 ? decoded.value : [];
  const record = parts[0];
  const possession = asBytes(parts[1]);
  if (!isCborMap(record) || possession === undefined) return err(failure("BAD_REQUEST"));
  const device = readDevice(record);
  return device.ok ? ok({ record, device: device.value, possession }) : err(failure("KEY_INVALID"));
}

/** The new device signs the place that device.add will take: (userId, n, p, dev) (phase-1 §2.18). */
export function signPossession(input: {
  readonly consortiumId: ConsortiumId;
  /** The user as its chain stands: the proof is for exactly this place. */
  readonly user: { readonly id: UserId; readonly head: { readonly n: number; readonly hash: Digest } };
  readonly device: OwnDevice;
}): Promise<Bytes> {
  const { user, device, consortiumId } = input;
  const payload = encodeCbor([idToBytes(user.id), user.head.n, idToBytes(user.head.hash), encodeDevice(device)]);
  return sign1({ typ: SIGNED_TYPES.devicePossession, key: device.signing, payload, aad: idToBytes(consortiumId) });
}

/** user/device.add: the present key is wrapped to the new device. */
export async function addDevice(
  input: Existing & { readonly request: DeviceRequest; readonly possession: Bytes },
): Promise<Draft> {
  const { user, consortiumId, nowMs, cp, request, seed } = input;
  const puk = user.puks.at(-1);
  if (puk === undefined) throw new RangeError("a user has a key");
  const place = { consortiumId, userId: user.id, g: puk.g, p: user.head.hash, device: request.device.kid };
  const info = pukWrapInfo(place);
  const wrap = await sealWrap({ publicKey: request.device.kemKey, info, aad: puk.publicKey, key: seed });
  const body = new Map<string, CborValue>([
    ["dev", request.record],
    ["pop", input.possession],
    ["w", [idToBytes(request.device.kid), idToBytes(digestOf(wrap))]],
  ]);
  const draft = { ct: "user", head: headOfState(user), op: "device.add", body, cp, nowMs } as const;
  return { links: [await signLink(draft, [input.signing], consortiumId)], wraps: [wrap] };
}

type Recipient = { readonly kid: Kid; readonly kemKey: Bytes };

function deviceRecipients(user: UserState, nowMs: number): readonly Recipient[] {
  return activeDevices(user, presentMoment(nowMs)).map((device) => ({ kid: device.kid, kemKey: device.kemKey }));
}

function nextPuk(input: Existing, recipients: readonly Recipient[]) {
  const { user, seed } = input;
  const g = (user.puks.at(-1)?.g ?? 0) + 1;
  return createPuk({ ...input, userId: user.id, g, previous: seed, recipients, p: user.head.hash });
}

async function createPuk(
  input: Common & {
    readonly userId: UserId;
    readonly g: number;
    readonly previous: Bytes | undefined;
    readonly recipients: readonly Recipient[];
    readonly p: ParsedLink["hash"];
  },
): Promise<{ readonly body: CborMap; readonly wraps: readonly Bytes[] }> {
  const { consortiumId, userId, g, previous, random, p } = input;
  const place = { consortiumId, userId, g };
  const seed = random(32);
  const { publicKey } = await derivePukKey(seed, place);
  const wraps: Bytes[] = [];
  const named: CborValue[] = [];
  for (const { kid, kemKey } of [...input.recipients].sort((a, b) => (a.kid < b.kid ? -1 : 1))) {
    const info = pukWrapInfo({ ...place, p, device: kid });
    const wrap = await sealWrap({ publicKey: kemKey, info, aad: publicKey, key: seed });
    wraps.push(wrap);
    named.push([idToBytes(kid), idToBytes(digestOf(wrap))]);
  }
  const body = new Map<string, CborValue>([
    ["g", g],
    ["pk", publicKey],
    ["w", named],
  ]);
  if (previous !== undefined) body.set("hist", await sealPukHistory({ seed, previous, place, random }));
  return { body, wraps };
}

function encodeDevice(device: OwnDevice): CborMap {
  return new Map<string, CborValue>([
    ["sig", device.signing.publicKey],
    ["kem", device.kemPublicKey],
    ["kind", device.kind],
  ]);
}

function headOfState(user: UserState) {
  return { chainId: user.id, n: user.head.n, hash: user.head.hash };
}

function userIdOf(genesis: ParsedLink): UserId {
  const id = parseId32<UserId>(genesis.chainId);
  return expectOk(id === undefined ? err(failure("LINK_INVALID")) : ok(id), "a chain id");
}
