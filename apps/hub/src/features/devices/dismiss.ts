import { type devicesDismiss, err, failure, ok } from "@caseroom/contract";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { DeviceRequestStore } from "./device-request-store.ts";

/** devices.dismiss */
export function dismissDevice(deps: { readonly requests: DeviceRequestStore }): Handler<typeof devicesDismiss> {
  return async (call) => {
    const isGone = await deps.requests.remove(sessionOf(call).userId, call.params.requestId);
    return isGone ? ok(undefined) : err(failure("NOT_FOUND"));
  };
}
