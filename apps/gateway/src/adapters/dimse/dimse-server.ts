import { randomUUID } from "node:crypto";
import { createServer, type Socket } from "node:net";
import type { Writable } from "node:stream";
import type { Bytes } from "@caseroom/contract";
import dimse from "dcmjs-dimse";
import { CapturedStream } from "./captured-stream.ts";
import { createPduGuard } from "./pdu-guard.ts";
import { silenceDimse } from "./silence.ts";

/** A stored object as it came: the data set's bytes and what the association said of them. */
export type DimseObject = {
  readonly sop: string;
  readonly sopClass: string;
  readonly transferSyntax: string;
  readonly dataSet: Bytes;
  readonly callingAet: string;
  readonly association: string;
};
/** PS3.7 annex C and PS3.4 annex B.2.3. The comment holds no patient data: senders write it into their logs. */
export type DimseStatus = { readonly status: number; readonly comment?: string };

export type DimseServer = { readonly start: () => Promise<void>; readonly stop: () => Promise<void> };

const MAX_ASSOCIATIONS = 32;
const ASSOCIATION_TIMEOUT_MS = 60_000;
const OUT_OF_RESOURCES = 0xa700;
const VERIFICATION = "1.2.840.10008.1.1";
/** Storage service class: every class of instances that the standard and manufacturers name lies below one of these. */
const STORAGE = /^1\.2\.840\.10008\.5\.1\.4\.(1\.1|34|43|44|45)\.|^1\.3\.|^1\.2\.(?!840\.10008\.)/;

const { CEchoResponse, CStoreResponse } = dimse.responses;
const { PresentationContextResult, RejectReason, RejectResult, RejectSource } = dimse.constants;

/**
 * C-ECHO and C-STORE service (PS3.4 annexes A and B). Every proposed transfer syntax is taken as it is: nothing is decoded here. A sender is
 * answered when `store` resolves, which is when the object is durable.
 */
export function createDimseServer(options: {
  readonly host: string;
  readonly port: number;
  readonly aet: string;
  readonly store: (object: DimseObject) => Promise<DimseStatus>;
  readonly onAssociationEnd: (association: string) => void;
}): DimseServer {
  silenceDimse();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    if (sockets.size >= MAX_ASSOCIATIONS) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    const association = randomUUID();
    socket.on("close", () => {
      sockets.delete(socket);
      options.onAssociationEnd(association);
    });
    const isBearable = createPduGuard();
    // Before the library listens, so that it never begins to gather what is too much.
    socket.on("data", (chunk) => {
      if (!isBearable(chunk)) socket.destroy();
    });
    const service = new StorageService(socket, { ...options, association });
    Reflect.set(service, "connected", true);
    // A peer that breaks off or talks nonsense ends its own connection.
    service.on("networkError", () => void socket.destroy());
  });
  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(options.port, options.host, () => resolve());
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

type ServiceOptions = Parameters<typeof createDimseServer>[0] & { readonly association: string };
type PresentationContext = InstanceType<typeof dimse.association.PresentationContext>;
type Association = InstanceType<typeof dimse.association.Association>;
type CStoreRequest = InstanceType<typeof dimse.requests.CStoreRequest>;
type CStoreAnswer = InstanceType<typeof CStoreResponse>;

class StorageService extends dimse.Scp {
  readonly #options: ServiceOptions;
  /** By the library's own empty data set of a request: the bytes that came. */
  readonly #captured = new WeakMap<object, { readonly dataSet: Bytes | undefined; readonly transferSyntax: string }>();
  #callingAet = "";

  constructor(socket: Socket, options: ServiceOptions) {
    super(socket, { associationTimeout: ASSOCIATION_TIMEOUT_MS, pduTimeout: ASSOCIATION_TIMEOUT_MS });
    this.#options = options;
  }

  override associationRequested(association: Association): void {
    if (association.getCalledAeTitle().trim() !== this.#options.aet) {
      this.sendAssociationReject(RejectResult.Permanent, RejectSource.ServiceUser, RejectReason.CalledAeNotRecognized);
      return;
    }
    this.#callingAet = association.getCallingAeTitle().trim();
    for (const { id } of association.getPresentationContexts()) {
      const context = association.getPresentationContext(id);
      const abstract = context.getAbstractSyntaxUid();
      const [first] = context.getTransferSyntaxUids();
      if (first !== undefined && (abstract === VERIFICATION || STORAGE.test(abstract)))
        context.setResult(PresentationContextResult.Accept, first);
      else context.setResult(PresentationContextResult.RejectAbstractSyntaxNotSupported);
    }
    this.sendAssociationAccept();
  }

  override associationReleaseRequested(): void {
    this.sendAssociationReleaseResponse();
  }

  override cEchoRequest(
    request: InstanceType<typeof dimse.requests.CEchoRequest>,
    callback: (response: InstanceType<typeof CEchoResponse>) => void,
  ): void {
    const response = CEchoResponse.fromRequest(request);
    response.setStatus(0);
    callback(response);
  }

  override createStoreWritableStream(): Writable {
    return new CapturedStream();
  }

  override createDatasetFromStoreWritableStream(
    writable: Writable,
    context: PresentationContext,
    callback: (dataset: InstanceType<typeof dimse.Dataset>) => void,
  ): void {
    const transferSyntax = context.getAcceptedTransferSyntaxUid() ?? "";
    const empty = new dimse.Dataset({}, transferSyntax);
    const dataSet = writable instanceof CapturedStream ? writable.take() : undefined;
    this.#captured.set(empty, { dataSet, transferSyntax });
    callback(empty);
  }

  override cStoreRequest(request: CStoreRequest, callback: (response: CStoreAnswer) => void): void {
    const dataset = request.getDataset();
    const captured = dataset === undefined ? undefined : this.#captured.get(dataset);
    const response = CStoreResponse.fromRequest(request);
    const answer = ({ status, comment }: DimseStatus) => {
      response.setStatus(status);
      if (comment !== undefined) response.setErrorComment(comment.slice(0, 64));
      callback(response);
    };
    if (captured?.dataSet === undefined) {
      answer({ status: OUT_OF_RESOURCES, comment: "too large" });
      return;
    }
    this.#options
      .store({
        sop: request.getAffectedSopInstanceUid(),
        sopClass: request.getAffectedSopClassUid(),
        transferSyntax: captured.transferSyntax,
        dataSet: captured.dataSet,
        callingAet: this.#callingAet,
        association: this.#options.association,
      })
      .then(answer, () => answer({ status: OUT_OF_RESOURCES, comment: "cannot be stored now" }));
  }

  override abort(): void {
    // The peer has gone; what it was told is stored is stored.
  }
}
