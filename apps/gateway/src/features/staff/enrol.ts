import type { Client } from "@caseroom/client";
import { type Bytes, err, type Failure, failure, ok, parseId32, type Result, type UserId } from "@caseroom/contract";
import type { SigningKey } from "@caseroom/crypto/sign";
import { signTicket } from "@caseroom/space/sign";
import { parseLink } from "@caseroom/space/verify";
import type { Institution, Registrar } from "../../institution.ts";
import type { StaffStore } from "./staff-store.ts";

const TICKET_MS = 60_000;

export type EnrolForm = {
  readonly login: string;
  readonly password: string;
  readonly code: string;
  /** The new user's genesis and first key, made and signed by the browser. */
  readonly links: readonly Bytes[];
  readonly wraps: readonly Bytes[];
};

export type EnrolDeps = {
  readonly staff: StaffStore;
  readonly client: Client;
  readonly registrar: Registrar;
  readonly caKey: SigningKey;
  readonly institution: Institution;
  readonly policy: "auto" | "officer";
  readonly nowMs: () => number;
};

/**
 * First device of a member of staff (phase-1 §2.5): who proves password and code gets the institution's ticket for a user of their own, and
 * with the policy `auto` a credential at once. No private key is ever seen here.
 */
export async function enrol(
  deps: EnrolDeps,
  form: EnrolForm,
): Promise<Result<{ readonly status: "issued" | "pending"; readonly userId: UserId }, Failure>> {
  const { staff, client, institution } = deps;
  const member = await staff.authenticate(form);
  if (!member.ok) return member;
  if (member.value.userId !== undefined) return err(failure("ENROLMENT_REFUSED", "has a user already"));
  const links = [];
  for (const bytes of form.links) {
    const link = parseLink(bytes);
    if (!link.ok) return link;
    links.push(link.value);
  }
  const genesis = links[0];
  const userId = genesis?.ct === "user" && genesis.isGenesis ? parseId32<UserId>(genesis.chainId) : undefined;
  if (userId === undefined) return err(failure("BAD_REQUEST", "not a user's genesis"));
  const { orgId, consortiumId } = institution;
  const exp = deps.nowMs() + TICKET_MS;
  const ticket = await signTicket(
    { key: deps.caKey, consortiumId },
    { userId, orgId, staffId: member.value.staffId, exp },
  );
  const sent = await client.commits.send({ links, wraps: form.wraps }, ticket);
  if (!sent.ok) return sent;
  await staff.bindUser(form.login, userId);
  if (deps.policy === "officer") return ok({ status: "pending", userId });
  const { staffId, name, role } = member.value;
  const issued = await deps.registrar.state({ op: "cred.issue", userId, staffId, name, role });
  return issued.ok ? ok({ status: "issued", userId }) : issued;
}
