import { type directoryPeople, type OrgId, ok, type UserId } from "@caseroom/contract";
import type { Handler } from "../../http/operation-handler.ts";
import type { AccountStore } from "../accounts/account-store.ts";
import type { Staff } from "./staff.ts";

type Person = {
  readonly orgId: OrgId;
  readonly staffId: string;
  readonly name: string;
  readonly role: string;
  readonly specialty?: string;
  readonly userId: UserId | null;
};

const MAX_PEOPLE = 500;

/** directory.people: who has an account, and who has a credential without one. */
export function listPeople(deps: {
  readonly accounts: AccountStore;
  readonly staff: Staff;
}): Handler<typeof directoryPeople> {
  return async ({ query: { q, orgId } }) => {
    const people = new Map<string, Person>();
    for (const { orgId: org, staffId, name, role, userId } of deps.staff.all())
      people.set(`${org}/${staffId}`, { orgId: org, staffId, name, role, userId });
    for (const account of await deps.accounts.list()) {
      const key = `${account.orgId}/${account.staffId}`;
      const { staffId, name, role, specialty } = account;
      const userId = people.get(key)?.userId ?? null;
      people.set(key, {
        orgId: account.orgId,
        staffId,
        name,
        role,
        userId,
        ...(specialty === null ? {} : { specialty }),
      });
    }
    const words = (q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const found = [...people.values()].filter((person) => {
      if (orgId !== undefined && person.orgId !== orgId) return false;
      const { name, role, specialty = "", staffId } = person;
      const text = [name, role, specialty, staffId, deps.staff.orgName(person.orgId)].join("\n").toLowerCase();
      return words.every((word) => text.includes(word));
    });
    found.sort((a, b) => a.name.localeCompare(b.name, "en"));
    return ok({ people: found.slice(0, MAX_PEOPLE) });
  };
}
