import type { Socket } from "node:net";
import type { Bytes } from "@caseroom/contract";
import {
  type AnsweredContext,
  APPLICATION_CONTEXT,
  type AssociateRequest,
  readAssociateRequest,
  writeAssociateAccept,
} from "./association.ts";
import { COMMAND, ELEMENT, numberIn, REPLY, uidIn, writeCommandSet } from "./command-set.ts";
import { createMessageAssembler, type Message } from "./message-assembler.ts";
import { createMessageSender, type MessageSender } from "./message-sender.ts";
import { negotiate } from "./negotiation.ts";
import { createPduReader, MAX_PDU_BYTES, PDU, type Pdu, writePdu } from "./pdu-reader.ts";
import type { DimseServices, DimseStatus } from "./services.ts";

const IDLE_MS = 60_000;
const OUT_OF_RESOURCES = 0xa700;
const UNRECOGNIZED_OPERATION = 0x0211;
/** Smaller PDUs than these carry no command. */
const LEAST_PDU_BYTES = 1024;

/** A-ASSOCIATE-RJ (PS3.8 table 9-21): permanent, and why. */
const REJECT = {
  applicationContext: [1, 1, 2],
  calledAet: [1, 1, 7],
  protocol: [1, 2, 2],
} as const;

type Association = {
  readonly request: AssociateRequest;
  readonly contexts: ReadonlyMap<number, AnsweredContext>;
  readonly sender: MessageSender;
};

/** One peer from its first byte to its last. Resolves when it is done; a peer that talks nonsense is cut off. */
export async function serveConnection(
  socket: Socket,
  options: { readonly aet: string; readonly association: string; readonly services: DimseServices },
): Promise<void> {
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
      const pdus = readPdus(chunk);
      if (pdus === undefined) return;
      for (const pdu of pdus) if (!(await connection.take(pdu))) return;
    }
  } catch {
    // The connection broke; what the peer was told is stored is stored.
  } finally {
    socket.destroySoon();
  }
}

class DimseConnection {
  readonly #socket: Socket;
  readonly #ended: AbortSignal;
  readonly #options: Parameters<typeof serveConnection>[1];
  readonly #assemble = createMessageAssembler();
  #association: Association | undefined;
  #isWorking = false;

  constructor(socket: Socket, ended: AbortSignal, options: Parameters<typeof serveConnection>[1]) {
    this.#socket = socket;
    this.#ended = ended;
    this.#options = options;
  }

  /** Whether it is we who keep the peer waiting. */
  isWorking(): boolean {
    return this.#isWorking;
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
    const { contexts, roles } = negotiate(request);
    this.#association = {
      request,
      contexts: new Map(contexts.map((context) => [context.id, context])),
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
    for (const message of this.#assemble(body) ?? [undefined]) {
      const context = message === undefined ? undefined : association.contexts.get(message.contextId);
      if (message === undefined || context?.result !== 0) {
        this.#abort();
        return false;
      }
      await this.#perform(association, context, message);
    }
    return true;
  }

  async #perform(association: Association, context: AnsweredContext, message: Message): Promise<void> {
    const { command } = message;
    const field = numberIn(command, ELEMENT.commandField);
    if (field === COMMAND.cancelRequest) return;
    const answer = ({ status, comment }: DimseStatus, fields: Parameters<typeof writeCommandSet>[0] = {}) =>
      association.sender.send(
        context.id,
        writeCommandSet(
          {
            [ELEMENT.affectedSopClass]: uidIn(command, ELEMENT.affectedSopClass),
            [ELEMENT.commandField]: field | REPLY,
            [ELEMENT.messageIdRespondedTo]: numberIn(command, ELEMENT.messageId),
            [ELEMENT.status]: status,
            [ELEMENT.errorComment]: comment?.slice(0, 64),
            ...fields,
          },
          false,
        ),
      );
    if (field === COMMAND.echoRequest) return answer({ status: 0 });
    if (field !== COMMAND.storeRequest) return answer({ status: UNRECOGNIZED_OPERATION });
    const sop = uidIn(command, ELEMENT.affectedSopInstance);
    const status = await this.#store(association, context, message, sop);
    return answer(status, { [ELEMENT.affectedSopInstance]: sop });
  }

  async #store(
    { request }: Association,
    { transferSyntax }: AnsweredContext,
    { command, dataSet }: Message,
    sop: string,
  ): Promise<DimseStatus> {
    if (dataSet === undefined) return { status: OUT_OF_RESOURCES, comment: "too large" };
    const { services, association } = this.#options;
    const sopClass = uidIn(command, ELEMENT.affectedSopClass);
    this.#isWorking = true;
    try {
      return await services.store({
        sop,
        sopClass,
        transferSyntax,
        dataSet,
        callingAet: request.callingAet,
        association,
      });
    } catch {
      return { status: OUT_OF_RESOURCES, comment: "cannot be stored now" };
    } finally {
      this.#isWorking = false;
    }
  }

  #write(type: number, body: Bytes): void {
    this.#socket.write(writePdu(type, body));
  }

  /** By the service provider, for no reason that the peer could act upon (PS3.8 §9.3.8). */
  #abort(): void {
    this.#write(PDU.abort, Uint8Array.of(0, 0, 2, 0));
  }
}
