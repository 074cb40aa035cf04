import type { Socket } from "node:net";
import { type Bytes, toBytes } from "@caseroom/contract";
import { toError, writeEvent } from "../../event-log.ts";
import type { ReceptionMemory } from "../../features/imaging/gathered-bytes.ts";
import {
  type AnsweredContext,
  APPLICATION_CONTEXT,
  type AssociateRequest,
  type Roles,
  readAssociateRequest,
  writeAssociateAccept,
} from "./association.ts";
import { COMMAND, type CommandSet, ELEMENT, numberIn, REPLY, uidIn, writeCommandSet } from "./command-set.ts";
import { type Answer, performGet } from "./get-operation.ts";
import { createMessageAssembler, type Message, type MessageAssembler } from "./message-assembler.ts";
import { createMessageSender, type MessageSender } from "./message-sender.ts";
import { isStorage, negotiate, queryService } from "./negotiation.ts";
import { createPduReader, MAX_PDU_BYTES, PDU, type Pdu, writePdu } from "./pdu-reader.ts";
import type { DimseServices, DimseStatus } from "./services.ts";

const IDLE_MS = 60_000;
const SUCCESS = 0x0000;
const PROCESSING_FAILURE = 0x0110;
const OUT_OF_RESOURCES = 0xa700;
const NOT_OF_THIS_CLASS = 0xa900;
const CANNOT_PROCESS = 0xc000;
const UNRECOGNIZED_OPERATION = 0x0211;
/** Smaller PDUs than these carry no command. */
const LEAST_PDU_BYTES = 1024;

/** A-ASSOCIATE-RJ (PS3.8 table 9-21): permanent, and why. */
const REJECT = {
  applicationContext: [1, 1, 2],
  calledAet: [1, 1, 7],
  protocol: [1, 2, 2],
} as const;

type ConnectionOptions = {
  readonly aet: string;
  readonly association: string;
  readonly services: DimseServices;
  readonly memory: ReceptionMemory;
};
type Association = {
  readonly request: AssociateRequest;
  readonly contexts: readonly AnsweredContext[];
  readonly roles: ReadonlyMap<string, Roles>;
  readonly sender: MessageSender;
};
type Operation = { readonly messageId: number; readonly cancel: AbortController; done: Promise<void> };

/** One peer from its first byte to its last. Resolves when it is done; a peer that talks nonsense is cut off. */
export async function serveConnection(socket: Socket, options: ConnectionOptions): Promise<void> {
  const ended = new AbortController();
  socket.once("close", () => ended.abort());
  const connection = new DimseConnection(socket, ended.signal, options);
  socket.setTimeout(IDLE_MS, () => {
    if (!connection.isWorking()) socket.destroy();
  });
  const readPdus = createPduReader();
  try {
    // What was written last, such as a rejection, still goes out.
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      for (const pdu of readPdus(chunk)) if (pdu === undefined || !(await connection.take(pdu))) return;
    }
  } catch (thrown) {
    // A connection that broke is an everyday matter, and what the peer was told is stored is stored; anything else is ours.
    if (!socket.destroyed) writeEvent("association broken off", toError(thrown));
  } finally {
    connection.release();
    socket.destroySoon();
  }
}

class DimseConnection {
  readonly #socket: Socket;
  readonly #ended: AbortSignal;
  readonly #options: ConnectionOptions;
  readonly #assembler: MessageAssembler;
  /** By the id of a message of ours: who waits for its status. */
  readonly #replies = new Map<number, (status: number) => void>();
  #association: Association | undefined;
  #operation: Operation | undefined;
  #isStoring = false;

  constructor(socket: Socket, ended: AbortSignal, options: ConnectionOptions) {
    this.#socket = socket;
    this.#ended = ended;
    this.#options = options;
    this.#assembler = createMessageAssembler(options.memory);
    ended.addEventListener("abort", () => {
      for (const resolve of this.#replies.values()) resolve(PROCESSING_FAILURE);
    });
  }

  /** Whether it is we who keep the peer waiting. */
  isWorking(): boolean {
    if (this.#isStoring) return true;
    return this.#operation !== undefined && this.#replies.size === 0 && !this.#socket.writableNeedDrain;
  }

  /** Nothing more is read. */
  release(): void {
    this.#assembler.release();
  }

  /** False: the connection is to be closed. */
  async take({ type, body }: Pdu): Promise<boolean> {
    const association = this.#association;
    if (type === PDU.associateRequest && association === undefined) return this.#associate(body);
    if (type === PDU.data && association !== undefined) return this.#takeData(association, body);
    if (type === PDU.releaseRequest && association !== undefined) {
      this.#write(PDU.releaseReply, new Uint8Array(4));
      return false;
    }
    if (type !== PDU.abort) this.#abort();
    return false;
  }

  async #associate(body: Bytes): Promise<boolean> {
    const request = readAssociateRequest(body);
    if (request === undefined) return this.#reject(REJECT.protocol);
    if (request.applicationContext !== APPLICATION_CONTEXT) return this.#reject(REJECT.applicationContext);
    if (request.calledAet !== this.#options.aet) return this.#reject(REJECT.calledAet);
    if (request.maxPduBytes !== 0 && request.maxPduBytes < LEAST_PDU_BYTES) return this.#reject(REJECT.protocol);
    const { services } = this.#options;
    const address = this.#socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
    const mayRead = services.mayRead({ callingAet: request.callingAet, address });
    const { contexts, roles } = await negotiate(request, { mayRead, held: services.held });
    this.#association = {
      request,
      contexts,
      roles,
      sender: createMessageSender(this.#socket, request.maxPduBytes, this.#ended),
    };
    const maxPduBytes = MAX_PDU_BYTES / 4;
    this.#write(PDU.associateAccept, writeAssociateAccept({ request, contexts, roles, maxPduBytes }));
    return true;
  }

  #reject(why: readonly [number, number, number]): false {
    this.#write(PDU.associateReject, Uint8Array.of(0, ...why));
    return false;
  }

  async #takeData(association: Association, body: Bytes): Promise<boolean> {
    for (const message of this.#assembler.take(body)) {
      const context = association.contexts.find(({ id, result }) => id === message?.contextId && result === 0);
      if (message === undefined || context === undefined) {
        this.#abort();
        return false;
      }
      await this.#takeMessage(association, context, message);
    }
    return true;
  }

  async #takeMessage(association: Association, context: AnsweredContext, message: Message): Promise<void> {
    const { command } = message;
    const field = numberIn(command, ELEMENT.commandField);
    const respondedTo = numberIn(command, ELEMENT.messageIdRespondedTo);
    if (field === COMMAND.cancelRequest) {
      if (this.#operation?.messageId === respondedTo) this.#operation.cancel.abort();
      return;
    }
    if ((field & REPLY) !== 0) {
      this.#replies.get(respondedTo)?.(numberIn(command, ELEMENT.status));
      this.#replies.delete(respondedTo);
      return;
    }
    // One at a time: nothing else was negotiated.
    await this.#operation?.done;
    const answer = answerTo(association, context, command);
    const query = queryService(context.abstractSyntax);
    if (query !== undefined && query.command === field) this.#begin(association, { context, message, answer });
    else if (field === COMMAND.echoRequest) await answer({ status: SUCCESS });
    else if (field === COMMAND.storeRequest && isStorage(context.abstractSyntax)) {
      const sop = uidIn(command, ELEMENT.affectedSopInstance);
      const status = await this.#store(association, context, message, sop);
      await answer(status, { [ELEMENT.affectedSopInstance]: sop });
    } else await answer({ status: UNRECOGNIZED_OPERATION });
  }

  async #store(
    { request }: Association,
    { transferSyntax }: AnsweredContext,
    { command, dataSet }: Message,
    sop: string,
  ): Promise<DimseStatus> {
    if (dataSet === undefined) return { status: OUT_OF_RESOURCES, comment: "no data set" };
    const { services, association } = this.#options;
    const sopClass = uidIn(command, ELEMENT.affectedSopClass);
    const { callingAet } = request;
    this.#isStoring = true;
    try {
      return await services.store({ sop, sopClass, transferSyntax, dataSet, callingAet, association });
    } catch (thrown) {
      writeEvent("image not stored", toError(thrown));
      return { status: OUT_OF_RESOURCES, comment: "cannot be stored now" };
    } finally {
      this.#isStoring = false;
    }
  }

  /** Queries run while the connection is read further: the peer may end them, and answers what they send. */
  #begin(
    association: Association,
    asked: { readonly context: AnsweredContext; readonly message: Message; readonly answer: Answer },
  ): void {
    const { command } = asked.message;
    const cancel = new AbortController();
    const run = async (): Promise<void> => {
      try {
        await this.#perform(association, asked, cancel.signal);
      } catch (thrown) {
        // Half of an object has gone out, or the peer has gone: there is no message left to say it with.
        if (!this.#ended.aborted) writeEvent("query broken off", toError(thrown));
        this.#abort();
        this.#socket.destroySoon();
      } finally {
        this.#operation = undefined;
      }
    };
    const operation = { messageId: numberIn(command, ELEMENT.messageId), cancel, done: Promise.resolve() };
    this.#operation = operation;
    operation.done = run();
  }

  async #perform(
    { contexts, roles, sender }: Association,
    asked: { readonly context: AnsweredContext; readonly message: Message; readonly answer: Answer },
    cancelled: AbortSignal,
  ): Promise<void> {
    const { context, message, answer } = asked;
    const service = queryService(context.abstractSyntax);
    // A copy, before anything is awaited: the connection is read on.
    const whole = message.dataSet?.whole();
    const identifier = whole?.ok === true ? toBytes(whole.value) : undefined;
    if (service === undefined || identifier === undefined)
      return answer({ status: NOT_OF_THIS_CLASS, comment: "no keys, or too many" });
    const query = { root: service.root, identifier, transferSyntax: context.transferSyntax };
    const { services } = this.#options;
    const isCancelled = () => cancelled.aborted;
    if (service.command === COMMAND.getRequest) {
      const awaitReply = (id: number) => new Promise<number>((resolve) => this.#replies.set(id, resolve));
      return performGet({ query, services, contexts, roles, sender, isCancelled, awaitReply, answer });
    }
    const onMatch = async (status: DimseStatus, identifier: Bytes): Promise<boolean> => {
      if (isCancelled()) return false;
      await answer(status, {}, identifier);
      return true;
    };
    const status = await services.find(query, onMatch).catch((thrown: unknown) => {
      if (!this.#ended.aborted) writeEvent("query broken off", toError(thrown));
      return { status: CANNOT_PROCESS };
    });
    return answer(status);
  }

  #write(type: number, body: Bytes): void {
    if (!this.#socket.destroyed) this.#socket.write(writePdu(type, body));
  }

  /** By the service provider, for no reason that the peer could act upon (PS3.8 §9.3.8). */
  #abort(): void {
    this.#write(PDU.abort, Uint8Array.of(0, 0, 2, 0));
  }
}

/** What answers a request, on the context on which it came. */
function answerTo({ sender }: Association, context: AnsweredContext, command: CommandSet): Answer {
  return ({ status, comment }, fields = {}, identifier) =>
    sender.send(
      context.id,
      writeCommandSet(
        {
          [ELEMENT.affectedSopClass]: uidIn(command, ELEMENT.affectedSopClass),
          [ELEMENT.commandField]: numberIn(command, ELEMENT.commandField) | REPLY,
          [ELEMENT.messageIdRespondedTo]: numberIn(command, ELEMENT.messageId),
          [ELEMENT.status]: status,
          [ELEMENT.errorComment]: comment?.slice(0, 64),
          ...fields,
        },
        identifier !== undefined,
      ),
      identifier,
    );
}
