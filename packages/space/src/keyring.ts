import {
  type Bytes,
  type CompId,
  type ConsortiumId,
  type Digest,
  equalBytes,
  err,
  type Failure,
  failure,
  ok,
  type Result,
} from "@caseroom/contract";
import type { KemKey } from "@caseroom/crypto/secret";
import type { CompState } from "./chain-state.ts";
import { checkEpoch, type Epoch, epochInbox, epochObjectKey, openHistory } from "./epoch.ts";
import type { PukRing } from "./puk.ts";
import { epochWrapInfo, openWrap } from "./wrap.ts";

/** The epochs of a compartment that a reader has opened. */
export type Keyring = {
  readonly compId: CompId;
  readonly newest: number;
  readonly epoch: (e: number) => Epoch | undefined;
  /** Derived once per epoch. */
  readonly objectKey: (e: number) => Promise<Bytes> | undefined;
  readonly inbox: (e: number) => Promise<KemKey> | undefined;
};

export type KeyringOpening = {
  readonly consortiumId: ConsortiumId;
  readonly comp: CompState;
  readonly puk: PukRing;
  readonly fetchWrap: (hash: Digest) => Promise<Bytes | undefined>;
  /** What has been opened before: the walk through history stops there. */
  readonly earlier?: Keyring | undefined;
};

/**
 * Opens the newest epoch from the reader's wrap, then every earlier one through the history. Each secret must be the one its link
 * committed to, and each inbox key the one it published; otherwise somebody has swapped a key, and nothing is opened.
 */
export async function openKeyring(
  opening: KeyringOpening,
): Promise<Result<Keyring, Failure<"WRAP_INVALID" | "WITHHELD">>> {
  const { comp, puk, consortiumId } = opening;
  const ref = comp.wraps.get(puk.userId);
  const newest = comp.epochs.at(-1);
  if (ref === undefined || newest === undefined) return err(failure("WRAP_INVALID", "not a reader"));
  const known = opening.earlier?.epoch(newest.e);
  if (opening.earlier !== undefined && known !== undefined) return ok(opening.earlier);
  const key = puk.keyOf(ref.pukGen);
  const wrap = await opening.fetchWrap(ref.hash);
  if (wrap === undefined) return err(failure("WITHHELD", "the hub does not hand out a wrap"));
  if (key === undefined || ref.generation !== newest.e) return err(failure("WRAP_INVALID"));
  const place = {
    consortiumId,
    compId: comp.id,
    e: newest.e,
    p: ref.p,
    recipient: puk.userId,
    pukGen: ref.pukGen,
    signer: ref.signer,
  };
  const secret = await openWrap({ key, wrap, info: epochWrapInfo(place), aad: newest.commitment });
  if (!secret.ok) return secret;
  const first = await checkEpoch(
    { consortiumId, compId: comp.id, e: newest.e, secret: secret.value },
    newest.commitment,
  );
  return first.ok ? walk(comp, first.value, opening.earlier) : first;
}

async function walk(
  comp: CompState,
  newest: Epoch,
  earlier: Keyring | undefined,
): Promise<Result<Keyring, Failure<"WRAP_INVALID">>> {
  const opened = new Map<number, Epoch>();
  let current: Epoch | undefined = newest;
  while (current !== undefined) {
    const epoch: Epoch = current;
    opened.set(epoch.e, epoch);
    const state = comp.epochs.find((one) => one.e === epoch.e);
    if (state === undefined) return err(failure("WRAP_INVALID"));
    if (!equalBytes((await epochInbox(epoch)).publicKey, state.inboxKey))
      return err(failure("WRAP_INVALID", "inbox key"));
    const { history } = state;
    if (history === undefined || earlier?.epoch(history.e) !== undefined) break;
    const previous = comp.epochs.find((one) => one.e === history.e);
    if (previous === undefined) return err(failure("WRAP_INVALID"));
    const next: Result<Epoch, Failure<"WRAP_INVALID">> = await openHistory({ epoch, sealed: history.sealed, previous });
    if (!next.ok) return next;
    current = next.value;
  }
  return ok(createKeyring(comp.id, newest.e, (e) => opened.get(e) ?? earlier?.epoch(e)));
}

/** A keyring over epochs that the caller answers for: those just made, or kept. */
export function createKeyring(compId: CompId, newest: number, epoch: (e: number) => Epoch | undefined): Keyring {
  const objectKeys = new Map<number, Promise<Bytes>>();
  const inboxes = new Map<number, Promise<KemKey>>();
  return {
    compId,
    newest,
    epoch,
    objectKey: (e) => kept(objectKeys, e, epoch(e), epochObjectKey),
    inbox: (e) => kept(inboxes, e, epoch(e), epochInbox),
  };
}

function kept<T>(
  cache: Map<number, Promise<T>>,
  e: number,
  epoch: Epoch | undefined,
  derive: (epoch: Epoch) => Promise<T>,
): Promise<T> | undefined {
  if (epoch === undefined) return undefined;
  const found = cache.get(e) ?? derive(epoch);
  cache.set(e, found);
  return found;
}
