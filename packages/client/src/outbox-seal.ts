import {
  type ConsortiumId,
  type EntryId,
  err,
  type Failure,
  failure,
  idToBytes,
  type Oid,
  ok,
  type Random,
  type Result,
  type UserId,
} from "@caseroom/contract";
import { type EntryContent, type SealTo, sealEntry } from "@caseroom/space/secret";
import { type CheckpointRef, type CompState, mayRead, type Role } from "@caseroom/space/verify";
import type { Compartment } from "./compartment.ts";
import type { DeviceKeys } from "./device-keys.ts";
import type { EntryDraft, SentEntry } from "./outbox-row.ts";

/** What sealing needs to know of the moment at which an entry is sent. */
export type SealContext = {
  readonly consortiumId: ConsortiumId;
  readonly userId: UserId;
  readonly keys: DeviceKeys;
  readonly random: Random;
  readonly nowMs: () => number;
  readonly cp: () => CheckpointRef;
};

export type SealPlace = {
  readonly compartment: Compartment;
  readonly comp: CompState;
  readonly role: Role;
  readonly to: SealTo;
};

/** To whom this device seals in a compartment now: the readers of the epoch, or its inbox when it only deposits. */
export async function resolveSealPlace(
  compartment: Compartment,
  userId: UserId,
): Promise<Result<SealPlace, Failure<"FORBIDDEN" | "STALE_EPOCH">>> {
  const comp = compartment.state();
  const epoch = comp?.epochs.at(-1);
  const role = comp?.members.get(userId)?.role;
  if (comp === undefined || epoch === undefined || role === undefined) return err(failure("FORBIDDEN", "not a member"));
  if (!mayRead(role)) return ok({ compartment, comp, role, to: { e: epoch.e, inboxKey: epoch.inboxKey } });
  const keyring = await compartment.ensureKeyring();
  return keyring === undefined ? err(failure("STALE_EPOCH")) : ok({ compartment, comp, role, to: { keyring } });
}

/** Signs and seals one draft as the `as`-th entry of this device. */
export async function sealDraft(
  context: SealContext,
  place: SealPlace,
  entry: { readonly oid: Oid; readonly draft: EntryDraft; readonly as: number; readonly ap: EntryId | null },
): Promise<Result<SentEntry, Failure>> {
  const { compartment, comp, role, to } = place;
  const { draft, as, ap } = entry;
  const head = compartment.head();
  const content: EntryContent = {
    author: context.userId,
    as,
    ap,
    see: { n: comp.head.n, hash: idToBytes(comp.head.hash), feedN: head.n, feedHead: head.root },
    cp: context.cp(),
    t: context.nowMs(),
    kind: draft.kind,
    role,
    body: draft.body,
    ...(draft.re === undefined ? {} : { re: draft.re }),
    ...(draft.provenance === undefined ? {} : { provenance: draft.provenance }),
  };
  const sealed = await sealEntry({
    place: { consortiumId: context.consortiumId, spaceId: compartment.spaceId, compId: compartment.compId },
    oid: entry.oid,
    content,
    signing: context.keys.signing,
    to,
    random: context.random,
  });
  return sealed.ok ? ok({ ...sealed.value, as }) : sealed;
}
