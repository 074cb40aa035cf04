import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createMllpSender, hba1cMessage } from "@caseroom/testkit";
import { runClosedLoop } from "./rates.ts";

export type MllpAddress = { readonly host: string; readonly port: number };
export type Sent = {
  readonly controlId: string;
  /** The machine's monotonic clock when the last byte was handed to the socket. */
  readonly at: bigint;
  /** How late the generator itself was, in milliseconds. */
  readonly lateMs: number;
};

let sequence = 0;

/** A result of the demo's patient that no run has sent before. */
export function nextResult(): { readonly controlId: string; readonly message: string } {
  sequence += 1;
  const controlId = `bench-${process.pid}-${sequence}`;
  const percent = (5 + (sequence % 40) / 10).toFixed(1);
  return { controlId, message: hba1cMessage({ controlId, percent, at: "20261124093000+0800" }) };
}

/**
 * Open loop: messages leave at their times, whatever has become of the earlier ones, over as many kept connections in turn. A slow receiver
 * therefore cannot slow down the load that measures it.
 */
export async function sendAtRate(
  to: MllpAddress,
  plan: { readonly perSecond: number; readonly seconds: number; readonly connections: number },
): Promise<readonly Sent[]> {
  const sockets = Array.from({ length: plan.connections }, () => {
    const socket = connect(to.port, to.host);
    socket.setNoDelay(true);
    socket.on("data", () => undefined);
    return socket;
  });
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
  const sent: Sent[] = [];
  const started = performance.now();
  const total = Math.round(plan.perSecond * plan.seconds);
  for (let i = 0; i < total; i++) {
    const due = started + (i * 1000) / plan.perSecond;
    const { controlId, message } = nextResult();
    const framed = Buffer.from(`\u000b${message}\u001c\r`);
    const waitMs = due - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const lateMs = Math.max(0, performance.now() - due);
    sockets[i % sockets.length]?.write(framed);
    sent.push({ controlId, at: process.hrtime.bigint(), lateMs });
  }
  await sleep(1000);
  for (const socket of sockets) socket.destroy();
  return sent;
}

/** Closed loop: each connection sends its next message when the last one is acknowledged. */
export async function sendUntilFull(
  to: MllpAddress,
  plan: { readonly connections: number; readonly seconds: number },
): Promise<{
  readonly controlIds: readonly string[];
  readonly acknowledgedPerSecond: number;
  readonly startedAt: bigint;
}> {
  const controlIds: string[] = [];
  const senders = Array.from({ length: plan.connections }, () => createMllpSender(to));
  const startedAt = process.hrtime.bigint();
  const done = await runClosedLoop(
    senders.map((sender) => async () => {
      const { controlId, message } = nextResult();
      const answer = await sender.send(message);
      if (answer?.includes("MSA|AA|") !== true) throw new RangeError("the gateway refused a result");
      controlIds.push(controlId);
    }),
    plan.seconds,
  );
  for (const sender of senders) sender.close();
  return { controlIds, acknowledgedPerSecond: done.count / done.seconds, startedAt };
}
