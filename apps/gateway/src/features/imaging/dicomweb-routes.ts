import type { FastifyInstance, FastifyReply } from "fastify";
import { bearerOf } from "../fhir/fhir-routes.ts";
import {
  DICOM_JSON,
  type DicomWebDeps,
  type DicomWebHandler,
  type DicomWebRequest,
  isJson,
  refuse,
} from "./dicomweb-reply.ts";
import { levelsReturned, qidoResult } from "./qido-answer.ts";
import type { QidoLevel } from "./qido-attributes.ts";
import { parseQidoQuery } from "./qido-query.ts";
import { type QidoScope, searchImages } from "./qido-search.ts";
import { parseAccept } from "./wado-accept.ts";
import { registerRetrieve } from "./wado-routes.ts";

/** DICOMweb for an institution's own systems (PS3.18): everything that its gateway may read, its own and other institutions' images alike. */
export function registerDicomWeb(app: FastifyInstance, deps: DicomWebDeps): void {
  const guarded =
    (handler: DicomWebHandler): DicomWebHandler =>
    async (request, reply) => {
      if (!deps.isToken(bearerOf(request.headers.authorization)))
        return reply.code(401).header("www-authenticate", "Bearer").send();
      const uids = [request.params.study, request.params.series, request.params.sop];
      if (uids.some((uid) => uid !== undefined && !/^[0-9.]{1,64}$/.test(uid))) return refuse(reply, 400, "not a UID");
      return handler(request, reply);
    };
  const search = (level: QidoLevel) => guarded((request, reply) => answerSearch(deps, level, request, reply));
  app.get("/dicomweb/studies", search("study"));
  app.get("/dicomweb/series", search("series"));
  app.get("/dicomweb/instances", search("instance"));
  app.get("/dicomweb/studies/:study/series", search("series"));
  app.get("/dicomweb/studies/:study/instances", search("instance"));
  app.get("/dicomweb/studies/:study/series/:series/instances", search("instance"));
  registerRetrieve(app, deps, guarded);
}

async function answerSearch(
  deps: DicomWebDeps,
  level: QidoLevel,
  request: DicomWebRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const accepted = parseAccept(request.headers.accept);
  if (!accepted.some(({ mediaType }) => isJson(mediaType)))
    return refuse(reply, 406, "results are given as application/dicom+json");
  const parsed = parseQidoQuery(new URL(request.url, deps.baseUrl).searchParams);
  if ("wrong" in parsed) return refuse(reply, 400, `parameter not understood: ${parsed.wrong}`);
  const { query } = parsed;
  const { study, series } = request.params;
  const scope: QidoScope = { ...(study === undefined ? {} : { study }), ...(series === undefined ? {} : { series }) };
  const found = await searchImages(deps.sql, level, scope, query);
  for (const warning of query.warnings) reply.header("warning", `299 caseroom "${warning}"`);
  if (found.length === 0) return reply.code(204).send();
  const input = {
    level,
    levels: levelsReturned(level, study !== undefined, series !== undefined),
    includes: query.includes,
    baseUrl: `${deps.baseUrl}/dicomweb`,
  };
  return reply.type(DICOM_JSON).send(JSON.stringify(found.map((one) => qidoResult(one, input))));
}
