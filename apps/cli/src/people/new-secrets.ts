import { randomBytes } from "node:crypto";

/** Four groups that can be typed: about 62 bits. */
export function newPassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz";
  const group = () => [...randomBytes(4)].map((byte) => letters.charAt(byte % letters.length)).join("");
  return [group(), group(), group(), group()].join("-");
}

/** 160 bits in base 32 (RFC 4226 §4). */
export function newTotpSecret(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return [...randomBytes(32)].map((byte) => alphabet.charAt(byte & 31)).join("");
}
