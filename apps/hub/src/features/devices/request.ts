import { type devicesRequest, err, failure, ok } from "@caseroom/contract";
import { type Handler, signInOf } from "../../http/operation-handler.ts";
import type { Notices } from "../../notices.ts";
import type { Staff } from "../directory/staff.ts";
import type { DeviceRequestStore } from "./device-request-store.ts";

/** devices.request: password and code were right; the device is not enrolled yet. */
export function requestDevice(deps: {
  readonly requests: DeviceRequestStore;
  readonly staff: Staff;
  readonly notices: Notices;
}): Handler<typeof devicesRequest> {
  return async (call) => {
    const { who } = signInOf(call);
    const userId = "account" in who ? deps.staff.userOf(who.account.orgId, who.account.staffId) : undefined;
    if (userId === undefined) return err(failure("FORBIDDEN"));
    const requestId = await deps.requests.add(userId, call.head.request);
    deps.notices.publish({ type: "device-request", userId });
    return ok({ requestId });
  };
}
