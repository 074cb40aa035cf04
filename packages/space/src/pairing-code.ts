import { type Bytes, concatBytes, idToBytes, type UserId, utf8ToBytes } from "@caseroom/contract";
import { HASH_LABELS, sha256 } from "@caseroom/crypto/verify";

/** Crockford's base 32: no I, L, O, U, so that a code survives being read aloud. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS = 16;
const GROUP = 4;

/**
 * The 80 bits that a person carries from a further device to one they have: a hash of the user and of exactly the keys that are to be
 * enrolled, so that the hub cannot slip in others (protocol §7.2). Shown as XXXX-XXXX-XXXX-XXXX.
 */
export function pairingCode(device: {
  readonly userId: UserId;
  readonly signingKey: Bytes;
  readonly kemKey: Bytes;
}): string {
  const label = utf8ToBytes(HASH_LABELS.pairing);
  const hash = sha256(concatBytes(label, idToBytes(device.userId), device.signingKey, device.kemKey));
  let bits = 0n;
  for (const byte of hash.subarray(0, (CHARACTERS * 5) / 8)) bits = (bits << 8n) | BigInt(byte);
  let text = "";
  for (let i = CHARACTERS - 1; i >= 0; i--) text += ALPHABET.charAt(Number((bits >> BigInt(5 * i)) & 31n));
  return inGroups(text);
}

/** What a person typed, as the code would be written: case, spaces, dashes and the letters that look like digits do not matter. */
export function normalisePairingCode(typed: string): string {
  return inGroups(typed.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1"));
}

function inGroups(text: string): string {
  const groups: string[] = [];
  for (let at = 0; at < text.length; at += GROUP) groups.push(text.slice(at, at + GROUP));
  return groups.join("-");
}
