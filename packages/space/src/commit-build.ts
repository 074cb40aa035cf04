import {
  type Bytes,
  type ConsortiumId,
  err,
  type Failure,
  failure,
  idToBytes,
  ok,
  type Random,
  type Result,
  type UserId,
} from "@caseroom/contract";
import type { SigningKey } from "@caseroom/crypto/sign";
import { type CborValue, digestOf } from "@caseroom/crypto/verify";
import type { ChainView, CompState, Member, PukState } from "./chain-state.ts";
import { type Epoch, epochCommitment, epochInbox, sealHistory } from "./epoch.ts";
import type { Keyring } from "./keyring.ts";
import type { CheckpointRef } from "./link.ts";
import { signLink } from "./link-sign.ts";
import { presentMoment } from "./moment.ts";
import { isPrincipalActive, isPrincipalGone, readersAt } from "./principal.ts";
import { mayRead, type Role } from "./role.ts";
import type { Draft } from "./user-build.ts";
import { epochWrapInfo, sealWrap } from "./wrap.ts";

export type Change = {
  readonly add?: readonly { readonly userId: UserId; readonly role: Role }[];
  readonly rm?: readonly { readonly userId: UserId; readonly code: string }[];
  readonly role?: readonly { readonly userId: UserId; readonly role: Role }[];
  /** A new epoch although nothing requires one: a refresh. */
  readonly refresh?: boolean;
};

export type CommitInput = {
  readonly consortiumId: ConsortiumId;
  readonly view: ChainView;
  readonly comp: CompState;
  /** `undefined` for the first commit of a compartment. */
  readonly keyring: Keyring | undefined;
  readonly signing: SigningKey;
  readonly cp: CheckpointRef;
  readonly nowMs: number;
  readonly random: Random;
};

type Reader = { readonly userId: UserId; readonly puk: PukState };

/**
 * Builds one commit for an intent. Adds to the intent whatever the rules demand at this moment: members whom no institution vouches for
 * any more are removed, and a new epoch begins when a reader goes or has a newer key. After a lost race it is built anew, with a new secret:
 * a secret or wrap of a lost race is never used again (protocol §6.1).
 */
export async function buildCommit(input: CommitInput, change: Change): Promise<Result<Draft, Failure>> {
  const { view, comp, nowMs } = input;
  const at = presentMoment(nowMs);
  const rm = [...(change.rm ?? [])];
  for (const userId of comp.members.keys()) {
    const ban = view.space(comp.spaceId)?.bans.get(userId);
    const isGone = (ban !== undefined && ban.until === undefined) || isPrincipalGone(view, userId, at);
    if (isGone && !rm.some((one) => one.userId === userId)) rm.push({ userId, code: "stale" });
  }
  const add = (change.add ?? []).filter(({ userId }) => isPrincipalActive(view, userId, at));
  const members = apply(comp, { ...change, add, rm });
  const readers = readersAt(view, members, at);
  if (!readers.ok) return readers;
  const needsEpoch = change.refresh === true || rotationIsDue(comp, members, readers.value);
  const body = new Map<string, CborValue>();
  setList(body, "add", add, ({ userId, role }) => [
    ["u", idToBytes(userId)],
    ["inc", 0],
    ["role", role],
    ["hist", "all"],
  ]);
  setList(body, "rm", rm, ({ userId, code }) => [
    ["u", idToBytes(userId)],
    ["code", code],
  ]);
  setList(body, "role", change.role ?? [], ({ userId, role }) => [
    ["u", idToBytes(userId)],
    ["role", role],
  ]);
  const wraps = needsEpoch
    ? await startEpoch(input, readers.value, body)
    : await extendEpoch(input, newReaders(comp, readers.value), body);
  if (!wraps.ok) return wraps;
  const head = { chainId: comp.id, n: comp.head.n, hash: comp.head.hash };
  const draft = { ct: "comp", head, op: "commit", body, cp: input.cp, nowMs } as const;
  return ok({ links: [await signLink(draft, [input.signing], input.consortiumId)], wraps: wraps.value });
}

function apply(comp: CompState, change: Change): ReadonlyMap<UserId, Member> {
  const members = new Map(comp.members);
  const from = comp.head.at;
  for (const { userId } of change.rm ?? []) members.delete(userId);
  for (const { userId, role } of [...(change.role ?? []), ...(change.add ?? [])]) {
    members.set(userId, { userId, role, from, pukGen: members.get(userId)?.pukGen ?? 0 });
  }
  return members;
}

/** Whether the rules demand a new epoch (protocol §6.1 (5)); also what a gateway asks about every compartment it reads (phase-1 §2.14). */
export function isRotationDue(view: ChainView, comp: CompState, nowMs: number): boolean {
  const at = presentMoment(nowMs);
  const isGone = [...comp.members.keys()].some((userId) => isPrincipalGone(view, userId, at));
  const readers = readersAt(view, comp.members, at);
  return isGone || (readers.ok && rotationIsDue(comp, comp.members, readers.value));
}

function rotationIsDue(comp: CompState, members: ReadonlyMap<UserId, Member>, readers: readonly Reader[]): boolean {
  if (comp.epochs.length === 0) return true;
  for (const before of comp.members.values()) {
    const after = members.get(before.userId);
    if (mayRead(before.role) && (after === undefined || !mayRead(after.role))) return true;
  }
  return readers.some(({ userId, puk }) => {
    const held = comp.members.get(userId);
    return held !== undefined && mayRead(held.role) && held.pukGen !== puk.g;
  });
}

function newReaders(comp: CompState, readers: readonly Reader[]): readonly Reader[] {
  return readers.filter(({ userId }) => {
    const held = comp.members.get(userId);
    return held === undefined || !mayRead(held.role);
  });
}

type Wraps = Result<readonly Bytes[], Failure>;

async function startEpoch(
  input: CommitInput,
  readers: readonly Reader[],
  body: Map<string, CborValue>,
): Promise<Wraps> {
  const { comp, consortiumId, random, keyring } = input;
  const before = comp.epochs.at(-1);
  const epoch: Epoch = { consortiumId, compId: comp.id, e: (before?.e ?? 0) + 1, secret: random(32) };
  const commitment = await epochCommitment(epoch);
  const sealed = await sealAll(input, epoch, commitment, readers);
  const ep = new Map<string, CborValue>([
    ["e", epoch.e],
    ["cmt", commitment],
    ["ipk", (await epochInbox(epoch)).publicKey],
    ["wl", sealed.named],
  ]);
  if (before !== undefined) {
    const previous = keyring?.epoch(before.e);
    if (previous === undefined) return err(failure("WRAP_INVALID", "the present epoch is not open here"));
    const previousCommitment = before.commitment;
    const history = await sealHistory({ epoch, previous: previous.secret, previousCommitment, random });
    ep.set(
      "h",
      new Map<string, CborValue>([
        ["m", "link"],
        ["e", before.e],
        ["c", history],
      ]),
    );
  }
  body.set("ep", ep);
  return ok(sealed.wraps);
}

async function extendEpoch(
  input: CommitInput,
  readers: readonly Reader[],
  body: Map<string, CborValue>,
): Promise<Wraps> {
  const present = input.comp.epochs.at(-1);
  if (readers.length === 0 || present === undefined) return ok([]);
  const epoch = input.keyring?.epoch(present.e);
  if (epoch === undefined) return err(failure("WRAP_INVALID", "the present epoch is not open here"));
  const sealed = await sealAll(input, epoch, present.commitment, readers);
  body.set("wa", sealed.named);
  return ok(sealed.wraps);
}

async function sealAll(input: CommitInput, epoch: Epoch, commitment: Bytes, readers: readonly Reader[]) {
  const { comp, consortiumId, signing } = input;
  const sealed = await Promise.all(
    readers.map(async ({ userId, puk }) => {
      const place = {
        consortiumId,
        compId: comp.id,
        e: epoch.e,
        p: comp.head.hash,
        recipient: userId,
        pukGen: puk.g,
        signer: signing.kid,
      };
      const wrap = await sealWrap({
        publicKey: puk.publicKey,
        info: epochWrapInfo(place),
        aad: commitment,
        key: epoch.secret,
      });
      const named: CborValue = [idToBytes(userId), puk.g, idToBytes(digestOf(wrap))];
      return { wrap, named };
    }),
  );
  return { wraps: sealed.map((one) => one.wrap), named: sealed.map((one) => one.named) };
}

function setList<T extends { readonly userId: UserId }>(
  body: Map<string, CborValue>,
  key: string,
  list: readonly T[],
  encode: (item: T) => readonly (readonly [string, CborValue])[],
): void {
  if (list.length === 0) return;
  const sorted = [...list].sort((a, b) => (a.userId < b.userId ? -1 : 1));
  body.set(
    key,
    sorted.map((item) => new Map(encode(item))),
  );
}
