import type { Bytes } from "@caseroom/contract";
import { writeDataSet } from "@caseroom/dicom";
import type { AnsweredContext, Roles } from "./association.ts";
import { COMMAND, ELEMENT, writeCommandSet } from "./command-set.ts";
import type { MessageSender } from "./message-sender.ts";
import type { DimseQuery, DimseServices, DimseStatus, KeptObject } from "./services.ts";

/** Status of a C-GET (PS3.4 table C.4-3). */
const SUCCESS = 0x0000;
const PENDING = 0xff00;
const CANCELLED = 0xfe00;
const SOME_FAILED = 0xb000;
const NONE_SENT = 0xa702;

export type GetOperation = {
  readonly query: DimseQuery;
  readonly services: Pick<DimseServices, "retrieve">;
  readonly contexts: readonly AnsweredContext[];
  /** By class: which sides the peer takes. */
  readonly roles: ReadonlyMap<string, Roles>;
  readonly sender: MessageSender;
  readonly isCancelled: () => boolean;
  /** The status of the peer's reply to a message of ours. */
  readonly awaitReply: (messageId: number) => Promise<number>;
  readonly answer: Answer;
};
/** Answers a request: with a status, with fields of the command beside, and with a data set. */
export type Answer = (
  status: DimseStatus,
  fields?: Parameters<typeof writeCommandSet>[0],
  identifier?: Bytes,
) => Promise<void>;

type Outcome = "completed" | "warning" | "failed";

/**
 * C-GET (PS3.4 §C.4.3): every object as a C-STORE on the same association, in the transfer syntax in which it was received. One for which the
 * peer has accepted no such context counts as failed and is named at the end.
 */
export async function performGet(operation: GetOperation): Promise<void> {
  const { query, answer } = operation;
  const found = await operation.services.retrieve(query);
  if ("status" in found) return answer(found);
  const count: Record<Outcome, number> = { completed: 0, warning: 0, failed: 0 };
  const failed: string[] = [];
  let left = found.objects.length;
  const counts = (isLast: boolean) => ({
    ...(isLast ? {} : { [ELEMENT.remaining]: left }),
    [ELEMENT.completed]: count.completed,
    [ELEMENT.failed]: count.failed,
    [ELEMENT.warning]: count.warning,
  });
  for (const [index, object] of found.objects.entries()) {
    if (operation.isCancelled())
      return answer({ status: CANCELLED, comment: "ended by request" }, counts(false), failedList(query, failed));
    const outcome = await sendObject(operation, object, (index % 0xffff) + 1);
    count[outcome] += 1;
    left -= 1;
    if (outcome === "failed") failed.push(object.sop);
    if (left > 0) await answer({ status: PENDING }, counts(false));
  }
  if (failed.length === 0) return answer({ status: count.warning === 0 ? SUCCESS : SOME_FAILED }, counts(true));
  const isNoneSent = failed.length === found.objects.length;
  const comment = "not in a transfer syntax that was agreed, or refused";
  return answer({ status: isNoneSent ? NONE_SENT : SOME_FAILED, comment }, counts(true), failedList(query, failed));
}

/** Failed SOP Instance UID List, in the way in which the query was written; none when nothing failed. */
function failedList({ transferSyntax }: DimseQuery, failed: readonly string[]) {
  if (failed.length === 0) return undefined;
  // In explicit VR there is room for a thousand UIDs.
  return writeDataSet({ "00080058": { vr: "UI", Value: failed.slice(0, 1000) } }, transferSyntax);
}

async function sendObject(operation: GetOperation, object: KeptObject, messageId: number): Promise<Outcome> {
  const { contexts, roles, sender, awaitReply } = operation;
  const { sop, sopClass, transferSyntax } = object;
  const context = contexts.find(
    (one) =>
      one.result === 0 &&
      one.abstractSyntax === sopClass &&
      one.transferSyntax === transferSyntax &&
      roles.get(sopClass)?.isProvider === true,
  );
  const dataSet = context === undefined ? undefined : await object.open();
  if (context === undefined || dataSet === undefined) return "failed";
  const command = writeCommandSet(
    {
      [ELEMENT.affectedSopClass]: sopClass,
      [ELEMENT.commandField]: COMMAND.storeRequest,
      [ELEMENT.messageId]: messageId,
      [ELEMENT.priority]: 0,
      [ELEMENT.affectedSopInstance]: sop,
    },
    true,
  );
  const reply = awaitReply(messageId);
  await sender.send(context.id, command, dataSet);
  const status = await reply;
  if (status === SUCCESS) return "completed";
  return status >>> 12 === 0xb ? "warning" : "failed";
}
