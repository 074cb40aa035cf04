import { Readable } from "node:stream";
import type { Client } from "@caseroom/client";
import type { FastifyReply, FastifyRequest } from "fastify";
import type postgres from "postgres";
import type { Renderer } from "./rendered-queue.ts";
import { type Accepted, coversType, parseAccept } from "./wado-accept.ts";

export const DICOM_JSON = "application/dicom+json";

export type DicomWebDeps = {
  readonly sql: postgres.Sql;
  readonly client: Pick<Client, "blobs">;
  readonly renderer: Renderer;
  /** Where staff and systems reach this gateway. */
  readonly baseUrl: string;
  readonly isToken: (token: string | undefined) => boolean;
};
export type Parameters = {
  readonly study?: string;
  readonly series?: string;
  readonly sop?: string;
  readonly list?: string;
};
export type DicomWebRequest = FastifyRequest<{ Params: Parameters }>;
export type DicomWebHandler = (request: DicomWebRequest, reply: FastifyReply) => Promise<unknown>;

/** A reason in words for people who connect systems; never a value of an image. */
export function refuse(reply: FastifyReply, status: number, reason: string): FastifyReply {
  return reply.code(status).type("text/plain; charset=utf-8").send(reason);
}

/** The query parameter counts where there is one (PS3.18 §8.3.3.1). */
export function acceptOf(request: DicomWebRequest, baseUrl: string): readonly Accepted[] {
  const parameter = new URL(request.url, baseUrl).searchParams.get("accept");
  return parseAccept(parameter ?? request.headers.accept);
}

export function isJson(range: string): boolean {
  return coversType(range, DICOM_JSON) || coversType(range, "application/json");
}

/** Sends what is produced while it is sent; a failure on the way breaks the connection off. */
export function sendStream(
  reply: FastifyReply,
  contentType: string,
  body: AsyncIterable<Uint8Array | string>,
): FastifyReply {
  return reply.header("content-type", contentType).send(Readable.from(body, { objectMode: false }));
}
