import { setTimeout as sleep } from "node:timers/promises";
import { InvariantError } from "@caseroom/contract";
import { createMllpSender } from "@caseroom/testkit";

/** A laboratory's system that gives up nothing: what was not acknowledged is sent again under the same MSH-10. */
export type PatientSender = {
  /** Resolves when the message is acknowledged (MSA-1 = AA for its own MSH-10); throws when it is refused. */
  readonly send: (controlId: string, message: string) => Promise<void>;
  readonly resent: () => number;
  readonly close: () => void;
};

const ANSWER_MS = 15_000;
const PATIENCE_MS = 180_000;
const PAUSE_MS = 50;

export function createPatientSender(to: { readonly host: string; readonly port: number }): PatientSender {
  const sender = createMllpSender(to);
  let resent = 0;
  return {
    send: async (controlId, message) => {
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const answer = await Promise.race([sender.send(message), sleep(ANSWER_MS, undefined)]);
        const acknowledged = answer === undefined ? undefined : /^MSA\|(\w\w)\|([^|\r]*)/m.exec(answer);
        if (acknowledged?.[2] === controlId) {
          if (acknowledged[1] === "AA") return;
          throw new InvariantError(`a message was answered with ${acknowledged[1]}`);
        }
        if (Date.now() > deadline) throw new InvariantError("a message was not acknowledged");
        // A late answer on the old connection would be taken for the next message's.
        sender.close();
        resent += 1;
        await sleep(PAUSE_MS);
      }
    },
    resent: () => resent,
    close: sender.close,
  };
}
