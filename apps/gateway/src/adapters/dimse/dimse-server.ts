import { randomUUID } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { createReceptionMemory, type ReceptionMemory } from "../../features/imaging/gathered-bytes.ts";
import { serveConnection } from "./dimse-connection.ts";
import type { DimseServices } from "./services.ts";

export type DimseServer = { readonly start: () => Promise<void>; readonly stop: () => Promise<void> };

const MAX_ASSOCIATIONS = 32;

/**
 * The DICOM upper layer protocol over TCP (PS3.8) with the services of PS3.4 that a gateway offers. Own framing: what an object is kept as are
 * the very bytes that came, and the libraries for Node write a data set anew.
 */
export function createDimseServer(options: {
  readonly host: string;
  readonly port: number;
  readonly aet: string;
  readonly services: DimseServices;
  readonly memory?: ReceptionMemory;
  readonly onAssociationEnd: (association: string) => void;
}): DimseServer {
  const { aet, services, memory = createReceptionMemory() } = options;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    if (sockets.size >= MAX_ASSOCIATIONS) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    const association = randomUUID();
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      options.onAssociationEnd(association);
    });
    void serveConnection(socket, { aet, association, services, memory });
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
