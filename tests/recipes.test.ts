import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const REPOSITORY = join(import.meta.dirname, "..");
const CONTRIBUTING = readFileSync(join(REPOSITORY, "CONTRIBUTING.md"), "utf8");

/** The files that the recipes contain, by path. */
const files = Object.fromEntries(
  [...CONTRIBUTING.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, path = "", code = ""]) => [
    join(REPOSITORY, path),
    code,
  ]),
);

/** Runs a program in which the files of the recipes stand where the recipes put them. */
function runWithRecipes(program: string): string {
  const hooks = `
    import { registerHooks } from "node:module";
    import { pathToFileURL } from "node:url";
    const files = new Map(Object.entries(${JSON.stringify(files)}).map(([path, code]) => [pathToFileURL(path).href, code]));
    registerHooks({
      resolve: (specifier, context, next) => {
        const url = URL.canParse(specifier, context.parentURL) ? new URL(specifier, context.parentURL).href : "";
        return files.has(url) ? { url, shortCircuit: true } : next(specifier, context);
      },
      load: (url, context, next) =>
        files.has(url) ? { format: "module-typescript", source: files.get(url), shortCircuit: true } : next(url, context),
    });`;
  const args = [
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "--import",
    asModule(hooks),
    "-e",
    program,
  ];
  return execFileSync(process.execPath, args, { cwd: REPOSITORY, encoding: "utf8" }).trim();
}

function asModule(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

describe("the recipes of CONTRIBUTING", () => {
  it("name only files that are there, or that the recipe itself contains", () => {
    const named = [...CONTRIBUTING.matchAll(/`((?:apps|packages|tests|docs|contracts|scripts|fixtures)\/[^`\s]*)`/g)];
    const missing = named
      .map(([, path = ""]) => path)
      .filter(
        (path) => !path.includes("<") && !existsSync(join(REPOSITORY, path)) && !(join(REPOSITORY, path) in files),
      );
    expect(named.length).toBeGreaterThan(20);
    expect(missing).toEqual([]);
  });

  it("make an adapter that lets go of a message only when it is on disk", () => {
    const output = runWithRecipes(`
      import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
      const { takeDropped } = await import("./apps/gateway/src/adapters/drop-folder/drop-folder.ts");
      const folder = mkdtempSync("/tmp/caseroom-recipe-");
      writeFileSync(folder + "/1.hl7", "MSH|1");
      writeFileSync(folder + "/2.hl7", "MSH|2");
      writeFileSync(folder + "/notes.txt", "remember the milk");
      const decode = (bytes) => new TextDecoder().decode(bytes);
      const failed = await takeDropped(folder, async () => { throw new Error("disk full"); }).catch((error) => error.message);
      const received = [];
      const kept = readdirSync(folder);
      const taken = await takeDropped(folder, async (bytes) => { received.push(decode(bytes)); return bytes; });
      console.log(JSON.stringify({ failed, kept, taken, received, left: readdirSync(folder) }));
      rmSync(folder, { recursive: true });`);
    expect(JSON.parse(output)).toEqual({
      failed: "disk full",
      kept: ["1.hl7", "2.hl7", "notes.txt"],
      taken: 2,
      received: ["MSH|1", "MSH|2"],
      left: ["notes.txt"],
    });
  });

  it("make an operation that the hub answers within its contract, and the client reads", () => {
    const output = runWithRecipes(`
      import Fastify from "fastify";
      import { createHubApi } from "@caseroom/client";
      const { logSize } = await import("./packages/contract/src/log/size.ts");
      const { getSize } = await import("./apps/hub/src/features/log/size.ts");
      const { registerOperation } = await import("./apps/hub/src/http/register-operation.ts");
      const app = Fastify();
      let size = 7;
      registerOperation(app, { checkSession: () => ({ ok: false }), checkSignIn: () => ({ ok: false }) }, logSize, getSize({ size: () => size }));
      const baseUrl = await app.listen({ host: "127.0.0.1", port: 0 });
      const api = createHubApi({ baseUrl, fetch, token: () => undefined });
      const good = await api.call(logSize, {});
      size = -1;
      const bad = await api.call(logSize, {});
      console.log(JSON.stringify([good.value.head, bad.ok]));
      await app.close();`);
    expect(JSON.parse(output)).toEqual([{ size: 7 }, false]);
  });
});
