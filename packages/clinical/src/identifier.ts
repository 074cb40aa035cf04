/**
 * An identifier as a list may show it: enough to tell two patients apart, not enough to use it. From seven characters on
 * the first three and the last stay, the last in its brackets where it is a bracketed check digit (`A12****(3)`); of a
 * shorter one at most the first character.
 */
export function maskIdentifier(value: string): string {
  const text = value.normalize("NFKC").trim();
  const characters = [...text];
  if (characters.length < 7) return `${characters.length > 1 ? characters[0] : ""}****`;
  const bracketed = /\(.\)$/u.exec(text)?.[0];
  return `${characters.slice(0, 3).join("")}****${bracketed ?? characters.at(-1)}`;
}
