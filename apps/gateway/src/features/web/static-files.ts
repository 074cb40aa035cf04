import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/**
 * The web app, served from the institution's own origin so that the operator of the hub cannot change the code that holds keys
 * (protocol §11). The policy allows no code but the app's own files.
 */
export function contentSecurityPolicy(hubUrl: string): string {
  const hub = new URL(hubUrl);
  const stream = `${hub.protocol === "https:" ? "wss:" : "ws:"}//${hub.host}`;
  return [
    "default-src 'none'",
    // The decoders of the image viewer are WebAssembly.
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    `connect-src 'self' blob: data: ${hub.origin} ${stream}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

export async function registerStaticFiles(
  app: FastifyInstance,
  input: { readonly root: string | undefined; readonly hubUrl: string },
): Promise<void> {
  const policy = contentSecurityPolicy(input.hubUrl);
  app.addHook("onSend", async (_request, reply) => {
    reply.headers({
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "permissions-policy": "camera=(), microphone=(), geolocation=()",
    });
  });
  const { root } = input;
  if (root === undefined) return;
  await app.register(fastifyStatic, {
    root,
    wildcard: false,
    preCompressed: true,
    setHeaders: (reply, path) => {
      // File names of assets carry their hash; everything else is asked for again.
      const isHashed = path.includes("/assets/");
      reply.header("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  // Every other address is a screen of the app.
  app.setNotFoundHandler((request, reply) => {
    const isPage = request.method === "GET" && request.headers.accept?.includes("text/html") === true;
    if (isPage) return reply.sendFile("index.html");
    return reply
      .code(404)
      .type("application/problem+json")
      .send('{"title":"NOT_FOUND","status":404,"code":"NOT_FOUND"}');
  });
}
