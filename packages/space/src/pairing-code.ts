import { type Bytes, concatBytes, utf8ToBytes } from "@caseroom/contract";
import { HASH_LABELS, sha256 } from "@caseroom/crypto/verify";

/** Crockford's base 32: no I, L, O, U, so that a code survives being read aloud. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS = 12;

/**
 * The 60 bits that a person carries from a further device to one they have: a hash of exactly the keys that are to be enrolled, so that the
 * hub cannot slip in others (protocol §7.2). Shown as XXXX-XXXX-XXXX.
 */
export function pairingCode(signingKey: Bytes, kemKey: Bytes): string {
  const hash = sha256(concatBytes(utf8ToBytes(HASH_LABELS.pairing), signingKey, kemKey));
  let bits = 0n;
  for (const byte of hash.subarray(0, 8)) bits = (bits << 8n) | BigInt(byte);
  let text = "";
  for (let i = 0; i < CHARACTERS; i++) text += ALPHABET.charAt(Number((bits >> BigInt(59 - 5 * i)) & 31n));
  return `${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8)}`;
}

/** What a person typed, as the code would be written: case, spaces, dashes and the letters that look like digits do not matter. */
export function normalisePairingCode(typed: string): string {
  const plain = typed.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  return `${plain.slice(0, 4)}-${plain.slice(4, 8)}-${plain.slice(8)}`;
}
