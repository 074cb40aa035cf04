import Fastify, { type FastifyInstance } from "fastify";
import type { DicomWebDeps } from "./dicomweb-reply.ts";
import { registerDicomWeb } from "./dicomweb-routes.ts";
import { createRenderer } from "./rendered-queue.ts";

/** DICOMweb by itself, without the rest of a gateway. */
export function dicomWebForTesting(deps: Omit<DicomWebDeps, "renderer">): FastifyInstance {
  const app = Fastify();
  const renderer = createRenderer();
  app.addHook("onClose", () => renderer.stop());
  registerDicomWeb(app, { ...deps, renderer });
  return app;
}
