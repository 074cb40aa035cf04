import { bytesToHex, failure, type Random, STREAM_PATH } from "@caseroom/contract";
import fastifyCors from "@fastify/cors";
import fastifyRateLimit from "@fastify/rate-limit";
import fastifyWebsocket from "@fastify/websocket";
import fastify, { type FastifyInstance, LogController } from "fastify";
import { chooseProtocol } from "../features/stream/stream.ts";
import { bearerHash } from "./bearer.ts";
import type { Metrics } from "./metrics.ts";
import { codeOfThrown, sendProblem } from "./problem.ts";
import type { LogOptions } from "./request-log.ts";

export type AppOptions = {
  readonly logger: LogOptions;
  readonly allowedOrigins: readonly string[];
  readonly metrics: Metrics;
  readonly random: Random;
  /** Requests a minute of one session, or of one address without a session. */
  readonly maxRequestsPerMinute: number;
};

const MAX_STREAM_MESSAGE = 2_097_152;
/** Going away (RFC 6455 §7.4.1). */
const CLOSE_GOING_AWAY = 1001;

/** The HTTP server with everything that holds for every route: limits, errors, log, metrics, CORS, the WebSocket upgrade. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { metrics } = options;
  const startId = bytesToHex(options.random(8));
  let requests = 0;
  const app = fastify({
    logger: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Unique over restarts without asking for randomness at every request.
    genReqId: () => `${startId}-${(requests++).toString(36)}`,
    requestTimeout: 120_000,
    routerOptions: { maxParamLength: 128 },
    frameworkErrors: (_, _request, reply) => {
      sendProblem(reply, failure("BAD_REQUEST"));
    },
  });
  app.removeAllContentTypeParsers();
  // Bytes only: what they mean is decided by the operation, after its limits.
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, request, reply) => {
    const code = codeOfThrown(error);
    if (code === "INTERNAL") request.log.error({ err: error }, "a request failed");
    return sendProblem(reply, failure(code));
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, failure("NOT_FOUND")));
  app.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    const { method } = request;
    const status = reply.statusCode;
    const ms = Math.round(reply.elapsedTime);
    metrics.count("caseroom_http_requests_total", 1, { method, route, status });
    metrics.count("caseroom_http_request_milliseconds_total", ms, { method, route });
    request.log.info({ method, route, status, ms }, "request");
  });

  await app.register(fastifyCors, {
    origin: [...options.allowedOrigins],
    methods: ["GET", "POST", "PUT", "DELETE"],
    allowedHeaders: ["authorization", "content-type", "range"],
    exposedHeaders: ["content-range", "content-length", "retry-after"],
    maxAge: 3600,
  });
  await app.register(fastifyRateLimit, {
    max: options.maxRequestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => bearerHash(request) ?? request.ip,
    addHeaders: { "x-ratelimit-limit": false, "x-ratelimit-remaining": false, "x-ratelimit-reset": false },
  });
  await app.register(fastifyWebsocket, {
    options: { perMessageDeflate: false, maxPayload: MAX_STREAM_MESSAGE, handleProtocols: chooseProtocol },
    preClose: (done) => {
      for (const client of app.websocketServer.clients) client.close(CLOSE_GOING_AWAY);
      app.websocketServer.close();
      done();
    },
    errorHandler: (_error, socket) => socket.terminate(),
  });
  app.addHook("onRequest", async (request, reply) => {
    // Upgrades belong to the stream; anywhere else the plugin would log the URL.
    if (request.ws && request.routeOptions.url !== STREAM_PATH) await sendProblem(reply, failure("NOT_FOUND"));
  });
  return app;
}
