import { utf8ToBytes } from "@caseroom/contract";
import { type Checkpoint, cosignatureMessage, formatCheckpointBody, formatNote } from "./checkpoint.ts";
import type { SigningKey } from "./signing-key.ts";

/** Signs a checkpoint with the log's key and, with the time, with its cosigning key. */
export async function signCheckpoint(
  checkpoint: Checkpoint,
  keys: { readonly logKey: SigningKey; readonly cosignKey: SigningKey },
  nowMs: number,
): Promise<string> {
  const body = formatCheckpointBody(checkpoint);
  const timeSeconds = Math.floor(nowMs / 1000);
  const [log, cosign] = await Promise.all([
    keys.logKey.sign(utf8ToBytes(body)),
    keys.cosignKey.sign(cosignatureMessage(body, timeSeconds)),
  ]);
  const publicKeys = {
    origin: checkpoint.origin,
    logKey: keys.logKey.publicKey,
    cosignKey: keys.cosignKey.publicKey,
  };
  return formatNote(body, publicKeys, { log, cosign, timeSeconds });
}
