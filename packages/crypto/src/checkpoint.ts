import {
  type Bytes,
  concatBytes,
  err,
  type Failure,
  failure,
  ok,
  type Result,
  toBytes,
  utf8ToBytes,
} from "@caseroom/contract";
import { verifyEd25519 } from "./ed25519.ts";
import { sha256Parts } from "./sha256.ts";

/**
 * The log's signed size and root: C2SP tlog-checkpoint in a C2SP signed-note with two lines under two keys (phase-1 §2.3): the log's own
 * Ed25519 signature (type 0x01) and a timestamped cosignature/v1 (type 0x04).
 */
export type Checkpoint = {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
};

export type LogKeys = {
  readonly origin: string;
  readonly logKey: Bytes;
  readonly cosignKey: Bytes;
};

const TYPE_ED25519 = 0x01;
const TYPE_COSIGNATURE = 0x04;
const MAX_NOTE_BYTES = 4096;

/** The signed text: origin, size in decimal, root in base64, each with a line end. */
export function formatCheckpointBody(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${toBase64(checkpoint.root)}\n`;
}

/** signed-note key id: first four bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key). */
export function noteKeyId(name: string, type: number, publicKey: Bytes): Bytes {
  return toBytes(sha256Parts(utf8ToBytes(`${name}\n`), toBytes([type]), publicKey).subarray(0, 4));
}

/** What a cosignature/v1 signs: its header with the time in seconds, then the checkpoint's text. */
export function cosignatureMessage(body: string, timeSeconds: number): Bytes {
  return utf8ToBytes(`cosignature/v1\ntime ${timeSeconds}\n${body}`);
}

/** The two signature lines of a note. */
export function formatNote(
  body: string,
  keys: LogKeys,
  signatures: {
    readonly log: Bytes;
    readonly cosign: Bytes;
    readonly timeSeconds: number;
  },
): string {
  const logLine = concatBytes(noteKeyId(keys.origin, TYPE_ED25519, keys.logKey), signatures.log);
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(signatures.timeSeconds));
  const cosignLine = concatBytes(
    noteKeyId(cosignName(keys), TYPE_COSIGNATURE, keys.cosignKey),
    time,
    signatures.cosign,
  );
  return `${body}\n— ${keys.origin} ${toBase64(logLine)}\n— ${cosignName(keys)} ${toBase64(cosignLine)}\n`;
}

/** Verifies both lines. Other lines are allowed and ignored, as the signed-note format requires. */
export async function verifyCheckpoint(
  note: string,
  keys: LogKeys,
): Promise<Result<Checkpoint & { readonly cosignedAtMs: number }, Failure<"PROOF_INVALID">>> {
  const split = note.length > MAX_NOTE_BYTES ? -1 : note.indexOf("\n\n");
  const body = note.slice(0, split + 1);
  const checkpoint = split < 0 ? undefined : parseBody(body);
  if (checkpoint === undefined || checkpoint.origin !== keys.origin) return err(failure("PROOF_INVALID"));
  const lines = note.slice(split + 2).split("\n");
  const logLine = findLine(lines, keys.origin, noteKeyId(keys.origin, TYPE_ED25519, keys.logKey), 64);
  const cosignLine = findLine(
    lines,
    cosignName(keys),
    noteKeyId(cosignName(keys), TYPE_COSIGNATURE, keys.cosignKey),
    72,
  );
  if (logLine === undefined || cosignLine === undefined) return err(failure("PROOF_INVALID", "a signature is missing"));
  const timeSeconds = Number(new DataView(cosignLine.buffer, cosignLine.byteOffset, 8).getBigUint64(0));
  const logHolds = await verifyEd25519(keys.logKey, utf8ToBytes(body), logLine);
  const cosignHolds = await verifyEd25519(
    keys.cosignKey,
    cosignatureMessage(body, timeSeconds),
    cosignLine.subarray(8),
  );
  if (!logHolds || !cosignHolds) return err(failure("PROOF_INVALID"));
  return ok({ ...checkpoint, cosignedAtMs: timeSeconds * 1000 });
}

function parseBody(body: string): Checkpoint | undefined {
  const [origin, size, root, end, ...more] = body.split("\n");
  const rootBytes = fromBase64(root ?? "");
  if (origin === undefined || origin === "" || end !== "" || more.length > 0 || rootBytes?.length !== 32)
    return undefined;
  if (size === undefined || !/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)))
    return undefined;
  return { origin, size: Number(size), root: rootBytes };
}

function findLine(lines: readonly string[], name: string, keyId: Bytes, length: number): Bytes | undefined {
  for (const line of lines) {
    const blob = line.startsWith(`— ${name} `) ? fromBase64(line.slice(name.length + 3)) : undefined;
    if (blob?.length !== 4 + length) continue;
    if (keyId.every((byte, i) => byte === blob[i])) return toBytes(blob.subarray(4));
  }
  return undefined;
}

function cosignName(keys: LogKeys): string {
  return `${keys.origin}/cosign`;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Bytes | undefined {
  try {
    const bytes = toBytes([...atob(text)].map((character) => character.charCodeAt(0)));
    return toBase64(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
