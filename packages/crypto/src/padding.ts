import { type Bytes, err, type Failure, failure, ok, type Result, toBytes } from "@caseroom/contract";

/** The plaintext of an entry never exceeds this, padding included (phase-1 §3.4). */
export const MAX_ENTRY_PLAINTEXT = 65_536;
const MIN_ENTRY_PLAINTEXT = 1_024;
const LENGTH_BYTES = 4;

/** Padmé (Nikitin et al. 2019, §4): rounds up so that a length leaks O(log log n) bits and costs at most 12 %. */
export function padme(length: number): number {
  if (length < 2) return length;
  const exponent = Math.floor(Math.log2(length));
  const keptBits = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** Math.max(0, exponent - keptBits);
  return Math.ceil(length / step) * step;
}

/** u32be(length) ‖ content ‖ zeros, in all max(1024, Padmé(length + 4)) bytes. */
export function padEntry(content: Uint8Array): Result<Bytes, Failure<"TOO_LARGE">> {
  const total = paddedLength(content.length);
  if (total > MAX_ENTRY_PLAINTEXT) return err(failure("TOO_LARGE", "an entry holds at most 64 KiB"));
  const padded = new Uint8Array(total);
  new DataView(padded.buffer).setUint32(0, content.length);
  padded.set(content, LENGTH_BYTES);
  return ok(padded);
}

/** The content of a padded entry; refuses another total than the sender must have chosen, and anything but zeros as padding. */
export function unpadEntry(padded: Uint8Array): Result<Bytes, Failure<"ENVELOPE_INVALID">> {
  if (padded.length < MIN_ENTRY_PLAINTEXT || padded.length > MAX_ENTRY_PLAINTEXT)
    return err(failure("ENVELOPE_INVALID"));
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  if (length > padded.length - LENGTH_BYTES || paddedLength(length) !== padded.length)
    return err(failure("ENVELOPE_INVALID"));
  const end = LENGTH_BYTES + length;
  if (padded.subarray(end).some((byte) => byte !== 0)) return err(failure("ENVELOPE_INVALID"));
  return ok(toBytes(padded.subarray(LENGTH_BYTES, end)));
}

function paddedLength(length: number): number {
  return Math.max(MIN_ENTRY_PLAINTEXT, padme(length + LENGTH_BYTES));
}
