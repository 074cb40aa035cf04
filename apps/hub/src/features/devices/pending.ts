import { bytesToBase64url, type devicesPending, ok } from "@caseroom/contract";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { DeviceRequestStore } from "./device-request-store.ts";

/** devices.pending */
export function listPendingDevices(deps: { readonly requests: DeviceRequestStore }): Handler<typeof devicesPending> {
  return async (call) => {
    const requests = await deps.requests.list(sessionOf(call).userId);
    return ok({ requests: requests.map((one) => ({ ...one, request: bytesToBase64url(one.request) })) });
  };
}
