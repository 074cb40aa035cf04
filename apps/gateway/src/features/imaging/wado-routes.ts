import type { ByteSpan } from "@caseroom/client";
import type { Failure } from "@caseroom/contract";
import type { FastifyInstance, FastifyReply } from "fastify";
import { sendProblem } from "../../http-problem.ts";
import {
  acceptOf,
  type DicomWebDeps,
  type DicomWebHandler,
  type DicomWebRequest,
  isJson,
  type Parameters,
  refuse,
  sendStream,
} from "./dicomweb-reply.ts";
import { retrieveRendered } from "./rendered-routes.ts";
import { acceptsStored } from "./wado-accept.ts";
import { chooseFrames, frameType, pixelSpans } from "./wado-frames.ts";
import { jsonArray, metadataOf } from "./wado-metadata.ts";
import { multipartRelated, type Part, readChunks } from "./wado-multipart.ts";
import { findHeaders, findObjects, type ImagingObject, type WadoScope } from "./wado-store.ts";

const DICOM = "application/dicom";
const NOT_TRANSCODED = "instances are given in the transfer syntax in which they were received";

/** WADO-RS (PS3.18 §10.4): studies, series, instances, frames, metadata and pixel data, byte for byte as they were received, and frames as images for a screen. */
export function registerRetrieve(
  app: FastifyInstance,
  deps: DicomWebDeps,
  guarded: (handler: DicomWebHandler) => DicomWebHandler,
): void {
  const study = "/dicomweb/studies/:study";
  const series = `${study}/series/:series`;
  const instance = `${series}/instances/:sop`;
  for (const path of [study, series, instance]) {
    app.get(
      path,
      guarded((request, reply) => retrieve(deps, request, reply)),
    );
    app.get(
      `${path}/metadata`,
      guarded((request, reply) => retrieveMetadata(deps, request, reply)),
    );
    app.get(
      `${path}/rendered`,
      guarded((request, reply) => retrieveRendered(deps, request, reply)),
    );
  }
  app.get(
    `${instance}/frames/:list`,
    guarded((request, reply) => retrieveFrames(deps, request, reply)),
  );
  app.get(
    `${instance}/frames/:list/rendered`,
    guarded((request, reply) => retrieveRendered(deps, request, reply)),
  );
  app.get(
    `${instance}/bulkdata`,
    guarded((request, reply) => retrieveFrames(deps, request, reply)),
  );
}

function scopeOf({ study = "", series, sop }: Parameters): WadoScope {
  return { study, ...(series === undefined ? {} : { series }), ...(sop === undefined ? {} : { sop }) };
}

async function retrieve(deps: DicomWebDeps, request: DicomWebRequest, reply: FastifyReply): Promise<unknown> {
  const accepted = acceptOf(request, deps.baseUrl);
  const objects = await findObjects(deps.sql, scopeOf(request.params));
  const [first] = objects;
  if (first === undefined) return refuse(reply, 404, "no such instance");
  const taken = objects.map((object) =>
    acceptsStored(accepted, { mediaType: DICOM, transferSyntax: object.transferSyntax }),
  );
  if (taken.includes(undefined)) return refuse(reply, 406, NOT_TRANSCODED);
  const unreachable = await probe(deps, first);
  if (unreachable !== undefined) return sendProblem(reply, unreachable);
  // A single file only for who names it (PS3.18 §8.7.4); anything else gets what every client of WADO-RS reads.
  if (objects.length === 1 && taken[0]?.isMultipart === false && taken[0].mediaType === DICOM)
    return sendStream(reply, contentTypeOf(first), readChunks(deps.client, first));
  const { contentType, body } = multipartRelated(DICOM, instanceParts(deps, objects));
  return sendStream(reply, contentType, body);
}

/** Whether the answer can begin at all: later there is no status left to say it with. */
async function probe({ client }: DicomWebDeps, object: ImagingObject): Promise<Failure | undefined> {
  const { compId, descriptor, offset } = object;
  const read = await client.blobs.open(compId, descriptor).read(offset, offset + 1);
  return read.ok ? undefined : read.error;
}

function contentTypeOf({ transferSyntax }: ImagingObject): string {
  return `${DICOM}; transfer-syntax=${transferSyntax}`;
}

async function* instanceParts(deps: DicomWebDeps, objects: readonly ImagingObject[]): AsyncGenerator<Part> {
  for (const object of objects)
    yield {
      contentType: contentTypeOf(object),
      location: urlOf(deps, object),
      chunks: readChunks(deps.client, object),
    };
}

function urlOf({ baseUrl }: DicomWebDeps, { study, series, sop }: ImagingObject): string {
  return `${baseUrl}/dicomweb/studies/${study}/series/${series}/instances/${sop}`;
}

async function retrieveMetadata(deps: DicomWebDeps, request: DicomWebRequest, reply: FastifyReply): Promise<unknown> {
  if (!acceptOf(request, deps.baseUrl).some(({ mediaType }) => isJson(mediaType)))
    return refuse(reply, 406, "metadata is given as application/dicom+json");
  const rows = findHeaders(deps.sql, scopeOf(request.params));
  const first = await rows.next();
  if (first.done === true) return refuse(reply, 404, "no such instance");
  const baseUrl = `${deps.baseUrl}/dicomweb`;
  const elements = async function* () {
    yield metadataOf(first.value, baseUrl);
    for await (const row of rows) yield metadataOf(row, baseUrl);
  };
  return sendStream(reply, "application/dicom+json", jsonArray(elements()));
}

/** Frames by number, or with no list all of PixelData. */
async function retrieveFrames(deps: DicomWebDeps, request: DicomWebRequest, reply: FastifyReply): Promise<unknown> {
  const [object] = await findObjects(deps.sql, scopeOf(request.params));
  if (object === undefined) return refuse(reply, 404, "no such instance");
  const accepted = acceptOf(request, deps.baseUrl);
  if (object.frames.length === 0)
    return refuse(
      reply,
      406,
      "the frames of this instance cannot be told apart without decoding; retrieve the instance",
    );
  const { list } = request.params;
  const spans = list === undefined ? pixelSpans(object) : chooseFrames(object.frames, decodeURIComponent(list));
  if (spans === undefined) return refuse(reply, 404, "no such frame");
  const type = frameType(accepted, object);
  if (type === undefined) return refuse(reply, 406, NOT_TRANSCODED);
  const unreachable = await probe(deps, object);
  if (unreachable !== undefined) return sendProblem(reply, unreachable);
  const { contentType, body } = multipartRelated(type.type, frameParts(deps, object, spans, type.contentType));
  return sendStream(reply, contentType, body);
}

async function* frameParts(
  deps: DicomWebDeps,
  object: ImagingObject,
  spans: readonly ByteSpan[],
  contentType: string,
): AsyncGenerator<Part> {
  for (const span of spans) yield { contentType, chunks: readChunks(deps.client, object, span) };
}
