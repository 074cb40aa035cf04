import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, InvariantError, type Random, toBytes } from "@caseroom/contract";
import { type SigningKey, signingKeyFromSeed } from "@caseroom/crypto/sign";
import type { LogKeyPair } from "./features/log/log-writer.ts";

/** The seeds of the log's two keys, in `dataDir`/keys, made once. Whoever loses them has lost the log: they belong into a backup. */
export async function openLogKeys(dataDir: string, random: Random): Promise<LogKeyPair> {
  const folder = join(dataDir, "keys");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return {
    logKey: await openKey(join(folder, "log.seed"), random),
    cosignKey: await openKey(join(folder, "cosign.seed"), random),
  };
}

async function openKey(file: string, random: Random): Promise<SigningKey> {
  const seed = (await readSeed(file)) ?? (await createSeed(file, random));
  if (seed.length !== 32) throw new InvariantError(`${file} is damaged: restore it from a backup`);
  return signingKeyFromSeed(seed);
}

async function readSeed(file: string): Promise<Bytes | undefined> {
  try {
    return toBytes(await readFile(file));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function createSeed(file: string, random: Random): Promise<Bytes> {
  const seed = random(32);
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(seed);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return seed;
}
