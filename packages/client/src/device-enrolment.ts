import {
  type Bytes,
  bytesToBase64url,
  type ConsortiumId,
  devicesDismiss,
  devicesPending,
  devicesRequest,
  err,
  type Failure,
  failure,
  ok,
  type Random,
  type Result,
} from "@caseroom/contract";
import {
  addDevice,
  createUser,
  encodeDeviceRequest,
  normalisePairingCode,
  type OwnDevice,
  pairingCode,
  parseDeviceRequest,
  signPossession,
} from "@caseroom/space/secret";
import type { Client } from "./client.ts";
import type { DeviceKeys } from "./device-keys.ts";
import type { HubApi } from "./hub-api.ts";
import type { Account, SignInBegun } from "./session.ts";

/** First and further devices of a person (phase-1 §2.5). No private key ever travels. */

export function ownDevice(keys: DeviceKeys): OwnDevice {
  return { signing: keys.signing, kemPublicKey: keys.kem.publicKey, kind: keys.kind };
}

/** The links and wraps of a new user whose device 0 is this one; the institution's gateway posts them with its ticket. */
export function draftFirstDevice(
  keys: DeviceKeys,
  input: { readonly consortiumId: ConsortiumId; readonly nowMs: number; readonly random: Random },
) {
  return createUser({ ...input, kind: "person", device: ownDevice(keys) });
}

/** A further device asks to be added. Answers the code that its person types on a device they have. */
export async function requestFurtherDevice(
  api: HubApi,
  input: {
    readonly keys: DeviceKeys;
    readonly begun: SignInBegun;
    readonly account: Account;
    readonly consortiumId: ConsortiumId;
  },
): Promise<Result<{ readonly requestId: string; readonly pairingCode: string }, Failure>> {
  const { keys, begun, account, consortiumId } = input;
  if (account.userId === null || account.userHead === null) return err(failure("ENROLMENT_REFUSED"));
  const device = ownDevice(keys);
  const user = { id: account.userId, head: account.userHead };
  const possession = await signPossession({ consortiumId, user, device });
  const request = bytesToBase64url(encodeDeviceRequest(device, possession));
  const reply = await api.call(devicesRequest, { token: begun.signInToken, head: { request } });
  if (!reply.ok) return reply;
  const code = pairingCode({ userId: account.userId, signingKey: keys.signing.publicKey, kemKey: keys.kem.publicKey });
  return ok({ requestId: reply.value.head.requestId, pairingCode: code });
}

export type PendingDevice = { readonly requestId: string; readonly request: Bytes; readonly atMs: number };

export async function pendingDevices(api: HubApi): Promise<Result<readonly PendingDevice[], Failure>> {
  const reply = await api.call(devicesPending, {});
  return reply.ok ? ok(reply.value.head.requests) : reply;
}

/** Adds a further device after its person has carried its code over: the code is a hash of exactly the keys that are enrolled. */
export async function approveDevice(
  client: Client,
  api: HubApi,
  input: {
    readonly pending: PendingDevice;
    readonly typedCode: string;
    readonly keys: DeviceKeys;
    readonly consortiumId: ConsortiumId;
    readonly cp: { readonly size: number; readonly root: Bytes };
    readonly nowMs: number;
    readonly random: Random;
  },
): Promise<Result<undefined, Failure>> {
  const request = parseDeviceRequest(input.pending.request);
  if (!request.ok) return request;
  const { device } = request.value;
  const expected = pairingCode({ userId: client.userId, signingKey: device.signingKey, kemKey: device.kemKey });
  if (normalisePairingCode(input.typedCode) !== expected) return err(failure("ENROLMENT_REFUSED", "another code"));
  const user = client.directory.user(client.userId);
  const puk = await client.puk();
  if (user === undefined || puk === undefined) return err(failure("DEVICE_NOT_ENROLLED"));
  const { consortiumId, cp, nowMs, random } = input;
  const draft = await addDevice({
    consortiumId,
    nowMs,
    random,
    cp,
    user,
    signing: input.keys.signing,
    seed: puk.seed,
    request: request.value,
    possession: request.value.possession,
  });
  const sent = await client.commits.send(draft);
  if (!sent.ok) return sent;
  return dismissDevice(api, input.pending.requestId);
}

export async function dismissDevice(api: HubApi, requestId: string): Promise<Result<undefined, Failure>> {
  const reply = await api.call(devicesDismiss, { params: { requestId } });
  return reply.ok ? ok() : reply;
}
