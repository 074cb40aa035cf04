import {
  type Bytes,
  bytesToId32,
  type EntryId,
  err,
  type Failure,
  failure,
  idToBytes,
  type Kid,
  type Oid,
  ok,
  type Random,
  type Result,
} from "@caseroom/contract";
import { type SigningKey, sign1 } from "@caseroom/crypto/sign";
import { parseSign1, SIGNED_TYPES, sha256, verifySign1 } from "@caseroom/crypto/verify";
import type { ChainView, CompState } from "./chain-state.ts";
import { type EntryContent, type EntryPlace, encodeContent, parseContent } from "./entry-content.ts";
import type { Envelope } from "./envelope.ts";
import { openEnvelope, type SealTo, sealEnvelope } from "./envelope-seal.ts";
import type { Keyring } from "./keyring.ts";
import { heldNear, type Moment } from "./moment.ts";
import { isDeviceActive, isPrincipalActive, roleNear } from "./principal.ts";
import { mayWrite } from "./role.ts";

export type SealedEntry = { readonly envelope: Bytes; readonly entryId: EntryId };

/** Signs an entry with its whole context, pads it and seals it (protocol §5.2). Called when it is sent, never earlier (phase-1 §2.9). */
export async function sealEntry(input: {
  readonly place: EntryPlace;
  readonly oid: Oid;
  readonly content: EntryContent;
  readonly signing: SigningKey;
  readonly to: SealTo;
  readonly random: Random;
}): Promise<Result<SealedEntry, Failure<"TOO_LARGE" | "STALE_EPOCH">>> {
  const { place, content, signing } = input;
  const sign = (headerHash: Bytes) =>
    sign1({
      typ: SIGNED_TYPES.entry,
      key: signing,
      payload: encodeContent(content, place, headerHash),
      aad: idToBytes(place.consortiumId),
    });
  const sealed = await sealEnvelope({ ...input, sign });
  return sealed.ok ? ok({ envelope: sealed.value.envelope, entryId: entryIdOf(sealed.value.inner) }) : sealed;
}

/** An entry with every check of its own bytes passed, and the verdict about its author. */
export type OpenedEntry = EntryContent & {
  readonly entryId: EntryId;
  readonly oid: Oid;
  readonly kid: Kid;
  readonly e: number;
};

export type EntryFailure = Failure<
  | "DECRYPT_FAILED"
  | "ENVELOPE_INVALID"
  | "CONTEXT_MISMATCH"
  | "STALE_EPOCH"
  | "COSE_INVALID"
  | "SIGNATURE_INVALID"
  | "CBOR_INVALID"
  | "TOO_LARGE"
  | "UPDATE_REQUIRED"
  | "AUTHOR_INVALID"
>;

/**
 * Decrypts and verifies an entry. Nothing is answered unless the seal, the place, the signature and the author all hold: the device
 * belonged to the author, the author's institution vouched, and the role allowed this kind of entry, at `at` or up to ten seconds before.
 * `at` is the covering leaf, or the present while the entry is provisional (phase-1 §2.6, §2.8).
 */
export async function openEntry(input: {
  readonly envelope: Envelope;
  readonly place: EntryPlace;
  readonly keyring: Keyring;
  readonly view: ChainView;
  readonly comp: CompState;
  readonly at: Moment;
}): Promise<Result<OpenedEntry, EntryFailure>> {
  const { envelope, place, keyring, view } = input;
  const opened = await openEnvelope(envelope, place, keyring);
  if (!opened.ok) return opened;
  const { inner, headerHash } = opened.value;
  const parsed = parseSign1(inner);
  if (!parsed.ok) return parsed;
  const { kid } = parsed.value;
  const owner = view.ownerOf(kid);
  const device = owner === undefined ? undefined : view.user(owner)?.devices.get(kid);
  if (device === undefined) return err(failure("AUTHOR_INVALID", "not a device that anybody enrolled"));
  const signed = await verifySign1({
    parsed: parsed.value,
    typ: SIGNED_TYPES.entry,
    publicKey: device.signingKey,
    aad: idToBytes(place.consortiumId),
  });
  if (!signed.ok) return signed;
  const content = parseContent(signed.value, place, headerHash);
  if (!content.ok) return content;
  const entry: OpenedEntry = { ...content.value, entryId: entryIdOf(inner), oid: envelope.oid, kid, e: envelope.e };
  const author = judgeAuthor({ ...input, entry });
  return author.ok ? ok(entry) : author;
}

/** Whether the author could write this here then. Asked again when the covering leaf is known. */
export function judgeAuthor(input: {
  readonly entry: Pick<OpenedEntry, "author" | "kid" | "kind">;
  readonly view: ChainView;
  readonly comp: CompState;
  readonly at: Moment;
}): Result<undefined, Failure<"AUTHOR_INVALID">> {
  const { entry, view, comp, at } = input;
  const device = view.user(entry.author)?.devices.get(entry.kid);
  const role = roleNear(comp, entry.author, at);
  if (view.ownerOf(entry.kid) !== entry.author) return err(failure("AUTHOR_INVALID", "somebody else's device"));
  if (!isDeviceActive(device, at, heldNear)) return err(failure("AUTHOR_INVALID", "the device was revoked"));
  if (!isPrincipalActive(view, entry.author, at, heldNear))
    return err(failure("AUTHOR_INVALID", "no institution vouches"));
  if (role === undefined || !mayWrite(role, entry.kind))
    return err(failure("AUTHOR_INVALID", "no role that may write this"));
  return ok();
}

function entryIdOf(inner: Bytes): EntryId {
  const id = bytesToId32<EntryId>(sha256(inner));
  if (id === undefined) throw new RangeError("SHA-256 has 32 bytes");
  return id;
}
