import { createGuardrails, generateSync, verify } from "otplib";

/** Time-based one-time codes (RFC 6238): SHA-1, six digits, 30 seconds, as every authenticator app makes them. */
const PERIOD_SECONDS = 30;
/** RFC 4226 §4 R6 asks for 128 bits; the contract lets shorter secrets of older apps in. */
const guardrails = createGuardrails({ MIN_SECRET_BYTES: 10 });

/** The time step of a right code, one step to either side allowed for clocks (RFC 6238 §5.2); `undefined` for a wrong one. */
export async function findStep(secret: string, code: string, nowMs: number): Promise<number | undefined> {
  const epoch = Math.floor(nowMs / 1000);
  const result = await verify({ secret, token: code, epoch, epochTolerance: PERIOD_SECONDS, guardrails });
  if (!result.valid || !("timeStep" in result)) return undefined;
  return result.timeStep;
}

export function isUsableSecret(secret: string): boolean {
  try {
    generateSync({ secret, epoch: 0, guardrails });
    return true;
  } catch {
    return false;
  }
}
