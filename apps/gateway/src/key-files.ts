import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Bytes, toBytes } from "@caseroom/contract";

/** Secrets of a gateway, each in a file of mode 0600. A PKCS #11 or KMS vault would take their place (SECURITY.md). */
export type KeyFiles = {
  /** Device: a seed for signing, a seed for receiving. */
  readonly deviceSeeds: Bytes;
  readonly caSeed: Bytes;
  /** For the institution's own systems and its command line. */
  readonly token: string;
};

export function openKeyFiles(dataDir: string): KeyFiles {
  const folder = join(dataDir, "keys");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    deviceSeeds: keptSecret(join(folder, "device.seeds"), 64),
    caSeed: keptSecret(join(folder, "ca.seed"), 32),
    token: Buffer.from(keptSecret(join(folder, "api.token"), 24)).toString("base64url"),
  };
}

/** Made once; on disk before anything depends on it. */
function keptSecret(path: string, length: number): Bytes {
  if (!existsSync(path)) {
    const file = openSync(`${path}.new`, "w", 0o600);
    writeSync(file, randomBytes(length));
    fsyncSync(file);
    closeSync(file);
    renameSync(`${path}.new`, path);
  }
  const bytes = toBytes(readFileSync(path));
  if (bytes.length !== length) throw new RangeError(`${path} does not hold ${length} bytes`);
  return bytes;
}
