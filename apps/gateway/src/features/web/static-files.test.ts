import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import Fastify from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { registerStaticFiles } from "./static-files.ts";

const root = mkdtempSync(join(tmpdir(), "caseroom-web-"));
const app = Fastify();
const code = 'console.log("the app");\n';

beforeAll(async () => {
  mkdirSync(join(root, "assets"));
  writeFileSync(join(root, "index.html"), "<!doctype html>");
  writeFileSync(join(root, "assets/index-abc.js"), code);
  writeFileSync(join(root, "assets/index-abc.js.br"), brotliCompressSync(code));
  await registerStaticFiles(app, { root, hubUrl: "https://hub.test" });
});
afterAll(async () => {
  await app.close();
  rmSync(root, { recursive: true, force: true });
});

it("hands out the compressed form to a browser that takes it, the plain one to another, and both for good", async () => {
  const url = "/assets/index-abc.js";
  const compressed = await app.inject({ url, headers: { "accept-encoding": "gzip, br" } });
  expect(compressed.headers["content-encoding"]).toBe("br");
  expect(compressed.headers["content-type"]).toMatch(/javascript/);
  expect(compressed.headers["cache-control"]).toContain("immutable");
  expect(brotliDecompressSync(compressed.rawPayload).toString()).toBe(code);
  const plain = await app.inject({ url });
  expect(plain.headers["content-encoding"]).toBeUndefined();
  expect(plain.body).toBe(code);
});
