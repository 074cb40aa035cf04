import { type accountsCreate, err, failure, ok } from "@caseroom/contract";
import { type Handler, sessionOf } from "../../http/operation-handler.ts";
import type { Staff } from "../directory/staff.ts";
import { isUsableSecret } from "../sessions/one-time-code.ts";
import { parsePasswordHash } from "../sessions/password.ts";
import type { AccountStore } from "./account-store.ts";

/** accounts.create: by a gateway, for its own institution. Repeating it renews what may change; `created` is false then. */
export function createAccount(deps: {
  readonly accounts: AccountStore;
  readonly staff: Staff;
}): Handler<typeof accountsCreate> {
  return async (call) => {
    const orgId = deps.staff.orgOfGateway(sessionOf(call).userId);
    if (orgId === undefined) return err(failure("FORBIDDEN"));
    const { specialty = null, ...account } = call.head;
    const isUsable = parsePasswordHash(account.passwordHash) !== undefined && isUsableSecret(account.totpSecret);
    if (!isUsable) return err(failure("BAD_REQUEST", "not a password hash or a secret of this hub's kind"));
    const stored = await deps.accounts.put({ ...account, specialty, orgId });
    return stored === "taken" ? err(failure("NAME_TAKEN")) : ok({ created: stored === "created" });
  };
}
