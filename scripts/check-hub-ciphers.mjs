/**
 * The hub may hash, compare and make random bytes; it may not use a cipher, or a key exchange, of its own. The arrows between
 * packages cannot see into node:crypto, nor an import whose name is computed, so both are looked for in the sources of apps/hub
 * (or of the folder that is given).
 */
import { existsSync, globSync, readFileSync } from "node:fs";

const CIPHER =
  /\b(createCipheriv|createDecipheriv|Cipher(iv)?|Decipher(iv)?|private(De|En)crypt|public(De|En)crypt|diffieHellman|createECDH|(get|create)DiffieHellman(Group)?|DiffieHellman(Group)?|encapsulate|decapsulate|subtle\s*\.\s*(encrypt|decrypt|unwrapKey|wrapKey|deriveKey|deriveBits))\b/;
const UNSEEN_IMPORT = /\bcreateRequire\b|\bimport\.meta\.resolve\b|\bimport\s*\(\s*(?!["'])/;

const folder = process.argv[2] ?? "apps/hub";
const problems = [];
for (const file of sources()) {
  const text = readFileSync(file, "utf8");
  const cipher = CIPHER.exec(text);
  if (cipher !== null) problems.push(`${file}: the hub may not use a cipher (${cipher[0]})`);
  if (UNSEEN_IMPORT.test(text)) problems.push(`${file}: an import that the check of the arrows cannot see`);
}
if (!existsSync(folder)) problems.push(`${folder} does not exist`);
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function sources() {
  return globSync(`${folder}/**/*.{ts,tsx,mts,cts,js,mjs,cjs}`, {
    exclude: (name) => name === "node_modules" || name === "dist",
  });
}
