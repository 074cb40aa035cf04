import Fastify, { type FastifyInstance } from "fastify";
import type { DicomWebDeps } from "./dicomweb-reply.ts";
import { registerDicomWeb } from "./dicomweb-routes.ts";

/** DICOMweb by itself, without the rest of a gateway. */
export function dicomWebForTesting(deps: DicomWebDeps): FastifyInstance {
  const app = Fastify();
  registerDicomWeb(app, deps);
  return app;
}
