import { randomBytes, randomInt } from "node:crypto";

/** Four groups of letters that nobody mistakes for others when they are typed: 72 bits. */
export function newPassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz";
  const group = () => Array.from({ length: 4 }, () => letters.charAt(randomInt(letters.length))).join("");
  return [group(), group(), group(), group()].join("-");
}

/** 160 bits in base 32 (RFC 4226 §4). */
export function newTotpSecret(): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return [...randomBytes(32)].map((byte) => alphabet.charAt(byte & 31)).join("");
}
