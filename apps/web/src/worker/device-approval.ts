import { approveDevice, dismissDevice, pendingDevices } from "@caseroom/client";
import { err, type Failure, failure, type Random, type Result } from "@caseroom/contract";
import type { DeviceRequest } from "../engine/engine.ts";
import type { SignedIn } from "./signed-in.ts";

/** Further devices of this person that wait to be approved; none while the hub cannot be asked. */
export async function readDeviceRequests({ api }: SignedIn): Promise<readonly DeviceRequest[]> {
  const pending = await pendingDevices(api);
  return pending.ok ? pending.value.map(({ requestId, atMs }) => ({ requestId, atMs })) : [];
}

/** Adds the device whose keys the typed code names; ENROLMENT_REFUSED for another code. */
export async function approveRequest(
  { api, client, device, config }: SignedIn,
  input: {
    readonly requestId: string;
    readonly typedCode: string;
    readonly nowMs: number;
    readonly random: Random;
  },
): Promise<Result<undefined, Failure>> {
  const all = await pendingDevices(api);
  if (!all.ok) return all;
  const pending = all.value.find(({ requestId }) => requestId === input.requestId);
  if (pending === undefined) return err(failure("NOT_FOUND"));
  const { typedCode, nowMs, random } = input;
  const { consortiumId } = config;
  const cp = client.checkpoint();
  return approveDevice(client, api, { pending, typedCode, keys: device.keys, consortiumId, cp, nowMs, random });
}

export function refuseRequest({ api }: SignedIn, requestId: string): Promise<Result<undefined, Failure>> {
  return dismissDevice(api, requestId);
}
