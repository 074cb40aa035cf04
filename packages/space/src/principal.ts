import { type Bytes, err, type Failure, failure, type Kid, ok, type Result, type UserId } from "@caseroom/contract";
import type { ChainView, CompState, Credential, DeviceState, PukState, UserState } from "./chain-state.ts";
import { COVERING_GRACE_MS, heldNear, holdsAt, type Moment } from "./moment.ts";
import { mayRead, type Role } from "./role.ts";

type Holds = typeof holdsAt;

/** Credentials of a person that hold at a moment, at institutions that the consortium had admitted by then. */
export function credentialsAt(
  view: ChainView,
  userId: UserId,
  at: Moment,
  holds: Holds = holdsAt,
): readonly Credential[] {
  const found: Credential[] = [];
  for (const org of view.orgs()) {
    if (!isAdmitted(view, org.id, at)) continue;
    for (const credential of org.credentials.get(userId) ?? []) {
      if (holds(credential, at) && !isExpired(credential, at, holds === heldNear ? COVERING_GRACE_MS : 0))
        found.push(credential);
    }
  }
  return found;
}

function isExpired(credential: Credential, at: Moment, graceMs: number): boolean {
  return credential.exp !== undefined && credential.exp + graceMs <= at.ts;
}

/** How long a member whose credential has expired is only suspended, before a commit must remove them (phase-1 §2.15). */
const EXPIRY_GRACE_MS = 7 * 24 * 60 * 60 * 1000;

/** Whether nobody vouches for a user any more: revoked, or expired for seven days. Commits must remove such members. */
export function isPrincipalGone(view: ChainView, userId: UserId, at: Moment): boolean {
  if (isPrincipalActive(view, userId, at)) return false;
  for (const org of view.orgs()) {
    if (!isAdmitted(view, org.id, at)) continue;
    const credentials = org.credentials.get(userId) ?? [];
    if (credentials.some((one) => holdsAt(one, at) && !isExpired(one, at, EXPIRY_GRACE_MS))) return false;
  }
  return true;
}

function isAdmitted(view: ChainView, orgId: Credential["orgId"], at: Moment): boolean {
  const admitted = view.consortium()?.orgs.get(orgId);
  return admitted !== undefined && admitted.at.index <= at.index;
}

/** Whether an institution vouches for a user: a credential for a person, gw.add for a gateway (phase-1 §2.5). */
export function isPrincipalActive(view: ChainView, userId: UserId, at: Moment, holds: Holds = holdsAt): boolean {
  const user = view.user(userId);
  if (user === undefined) return false;
  if (user.kind === "person") return credentialsAt(view, userId, at, holds).length > 0;
  for (const org of view.orgs()) {
    const gateway = org.gateways.get(userId);
    if (gateway !== undefined && holds(gateway, at) && isAdmitted(view, org.id, at)) return true;
  }
  return false;
}

export function isDeviceActive(device: DeviceState | undefined, at: Moment, holds: Holds = holdsAt): boolean {
  return device !== undefined && holds(device, at);
}

export function activeDevices(user: UserState, at: Moment): readonly DeviceState[] {
  return [...user.devices.values()].filter((device) => holdsAt(device, at));
}

/** The newest PUK at a moment. */
export function newestPuk(user: UserState, at: Moment): PukState | undefined {
  return user.puks.findLast((puk) => puk.at.index <= at.index);
}

/** A user without an active device is suspended: no recipient and no reader until the next generation (phase-1 §2.16). */
export function isSuspended(user: UserState, at: Moment): boolean {
  return activeDevices(user, at).length === 0 || newestPuk(user, at) === undefined;
}

/** Who may receive the epoch of a compartment at a moment, each with the key to seal to. */
export function readersAt(
  view: ChainView,
  members: CompState["members"],
  at: Moment,
): Result<readonly { readonly userId: UserId; readonly puk: PukState }[], Failure<"STALE_VIEW">> {
  const readers: { readonly userId: UserId; readonly puk: PukState }[] = [];
  for (const member of members.values()) {
    if (!mayRead(member.role)) continue;
    const user = view.user(member.userId);
    if (user === undefined) return err(failure("STALE_VIEW", "a member's chain is not known"));
    const puk = newestPuk(user, at);
    if (isSuspended(user, at) || puk === undefined) continue;
    readers.push({ userId: member.userId, puk });
  }
  return ok(readers.sort((a, b) => (a.userId < b.userId ? -1 : 1)));
}

/** The device that signed a statement about a space, if it and its user were entitled to speak at that moment. */
export function resolveSigner(
  view: ChainView,
  kid: Kid,
  at: Moment,
): Result<{ readonly userId: UserId; readonly publicKey: Bytes }, Failure<"DEVICE_NOT_ENROLLED" | "DEVICE_REVOKED">> {
  const userId = view.ownerOf(kid);
  const device = userId === undefined ? undefined : view.user(userId)?.devices.get(kid);
  if (userId === undefined || device === undefined) return err(failure("DEVICE_NOT_ENROLLED"));
  if (!isDeviceActive(device, at)) return err(failure("DEVICE_REVOKED"));
  return ok({ userId, publicKey: device.signingKey });
}

/** The role with which somebody could write in a compartment when a leaf covered it, or up to ten seconds before (phase-1 §2.6). */
export function roleNear(comp: CompState, userId: UserId, at: Moment): Role | undefined {
  const present = comp.members.get(userId);
  if (present !== undefined && present.from.index <= at.index) return present.role;
  return comp.past.findLast((past) => past.userId === userId && heldNear(past, at))?.role;
}
