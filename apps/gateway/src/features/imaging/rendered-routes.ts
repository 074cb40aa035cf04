import type { Failure } from "@caseroom/contract";
import type { FastifyReply } from "fastify";
import { sendProblem } from "../../http-problem.ts";
import { acceptOf, type DicomWebDeps, type DicomWebRequest, refuse } from "./dicomweb-reply.ts";
import { parseRenderedQuery, renderedType } from "./rendered-query.ts";
import { findHeaders, findObjects, type WadoScope } from "./wado-store.ts";

/** Several times the largest frame of practice. */
const MAX_FRAME_BYTES = 256 * 1024 * 1024;
const REASON: Partial<Record<Failure["code"], string>> = {
  SOURCE_UNSUPPORTED: "no codec here shows pixels of this kind; retrieve the instance",
  SOURCE_UNREADABLE: "the pixels are not what the header says; retrieve the instance",
  TOO_LARGE: "too many pixels to be shown here; retrieve the instance",
};

/**
 * A frame as an image for a screen (PS3.18 §10.4.1.1.3), windowed as its file says or as the client asks. An instance without a frame number
 * shows its first frame. Made for orientation: eight bits, and nothing burnt in that the pixels do not hold.
 */
export async function retrieveRendered(
  deps: DicomWebDeps,
  request: DicomWebRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { study = "", series, sop, list } = request.params;
  if (series === undefined || sop === undefined)
    return refuse(reply, 406, "rendered images are given frame by frame: name an instance");
  const query = parseRenderedQuery(new URL(request.url, deps.baseUrl).searchParams);
  if ("wrong" in query) return refuse(reply, 400, `parameter not understood: ${query.wrong}`);
  const mediaType = renderedType(acceptOf(request, deps.baseUrl));
  if (mediaType === undefined) return refuse(reply, 406, "rendered images are given as image/jpeg or image/png");
  const scope = { study, series, sop };
  const [object] = await findObjects(deps.sql, scope);
  const header = await headerOf(deps, scope);
  if (object === undefined || header === undefined) return refuse(reply, 404, "no such instance");
  if (object.frames.length === 0)
    return refuse(reply, 406, "this instance has no frames, or they cannot be told apart without decoding");
  if (list !== undefined && !/^\d{1,9}$/.test(list)) return refuse(reply, 406, "one frame at a time");
  const index = list === undefined ? 0 : Number(list) - 1;
  const span = object.frames[index];
  if (span === undefined) return refuse(reply, 404, "no such frame");
  if (span.length > MAX_FRAME_BYTES) return refuse(reply, 406, "too many pixels to be shown here");
  const from = object.offset + span.offset;
  const frame = await deps.client.blobs.open(object.compId, object.descriptor).read(from, from + span.length);
  if (!frame.ok) return sendProblem(reply, frame.error);
  const { transferSyntax } = object;
  const job = { header, transferSyntax, frame: frame.value, index, mediaType, ...query };
  const image = await deps.renderer.render(job);
  if (!image.ok) {
    const reason = REASON[image.error.code];
    return reason === undefined ? sendProblem(reply, image.error) : refuse(reply, 406, reason);
  }
  return reply.header("vary", "accept").type(mediaType).send(Buffer.from(image.value));
}

async function headerOf({ sql }: DicomWebDeps, scope: WadoScope): Promise<string | undefined> {
  for await (const { header } of findHeaders(sql, scope)) return header;
  return undefined;
}
