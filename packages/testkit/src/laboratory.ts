import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A laboratory's result for Chan Tai Man, as its system sends it. */
export function hba1cMessage(input: {
  readonly controlId: string;
  readonly percent: string;
  /** HL7 timestamp of the specimen. */
  readonly at: string;
  readonly comment?: string;
  readonly patient?: string;
}): string {
  const pid = input.patient ?? "PID|1||KD-778812^^^KDC^MR||Chan^Tai Man^^^^^L||19570731|M";
  return [
    `MSH|^~\\&|LIS|KDC|CASEROOM|KDC|${input.at}||ORU^R01^ORU_R01|${input.controlId}|P|2.5.1|||AL|NE||UNICODE UTF-8`,
    pid,
    `OBR|1|P-${input.controlId}|L-${input.controlId}|4548-4^Hemoglobin A1c/Hemoglobin.total in Blood^LN|||${input.at}|||||||||||||||${input.at}|||F`,
    `OBX|1|NM|4548-4^Hemoglobin A1c/Hemoglobin.total in Blood^LN||${input.percent}|%^percent^UCUM|4.0-5.6|H|||F|||${input.at}`,
    ...(input.comment === undefined
      ? []
      : [`OBX|2|ST|8251-1^Service comment^LN||${input.comment}||||||F|||${input.at}`]),
    "",
  ].join("\r");
}

/** A sender that keeps one connection and waits for each answer; answers `undefined` when the connection ends first. */
export type MllpSender = {
  readonly send: (message: string) => Promise<string | undefined>;
  readonly close: () => void;
};

export function createMllpSender(to: { readonly host: string; readonly port: number }): MllpSender {
  let socket: Socket | undefined;
  let answer: ((text: string | undefined) => void) | undefined;
  let received = "";
  const settle = (text: string | undefined) => {
    const waiting = answer;
    answer = undefined;
    waiting?.(text);
  };
  const open = (): Socket => {
    const opened = connect(to.port, to.host);
    received = "";
    opened.setNoDelay(true);
    opened.setEncoding("utf8");
    opened.on("data", (text) => {
      received += text;
      const end = received.indexOf("\u001c\r");
      if (end < 0) return;
      const message = received.slice(received.indexOf("\u000b") + 1, end);
      received = received.slice(end + 2);
      settle(message);
    });
    const gone = () => {
      if (socket === opened) socket = undefined;
      settle(undefined);
    };
    opened.on("close", gone);
    opened.on("error", gone);
    return opened;
  };
  return {
    send: (message) =>
      new Promise((resolve) => {
        socket ??= open();
        answer = resolve;
        socket.write(`\u000b${message}\u001c\r`);
      }),
    close: () => socket?.destroy(),
  };
}

/** Sends until it is acknowledged, as a laboratory system does; answers the acknowledgement. */
export async function sendUntilAcknowledged(sender: MllpSender, message: string, timeoutMs = 60_000): Promise<string> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await Promise.race([sender.send(message), sleep(5000, undefined)]);
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new RangeError("the message was not acknowledged in time");
    await sleep(50);
  }
}
