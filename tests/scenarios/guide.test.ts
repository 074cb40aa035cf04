import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gatewayOf, readDemoWorld } from "@caseroom/testkit";
import { generate } from "otplib";
import { build } from "vite";
import { afterAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { openBrowser } from "../browser/browser.ts";
import { openCaseAtClinic } from "./institution-for-testing.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
const GUIDE = readFileSync(join(REPOSITORY, "docs/guide.md"), "utf8");
const MAIN = join(REPOSITORY, "apps/cli/src/main.ts");
const NODE = [process.execPath, "--disable-warning=ExperimentalWarning"] as const;
const world = readDemoWorld(inject("worldFolder"));
const clinic = gatewayOf(world, "chc");
const CASE = "The guide's case";
const folder = mkdtempSync(join(tmpdir(), "caseroom-guide-"));
const secrets = z.object({ password: z.string(), totpSecret: z.string() });
let person: { readonly password: string; readonly totpSecret: string };

/** The blocks of the guide in one language, in order. */
function blocks(language: string): readonly string[] {
  return [...GUIDE.matchAll(/^```(\S+(?: \S+)?)\n([\s\S]*?)^```$/gm)].flatMap(([, info, code]) =>
    info === language && code !== undefined ? [code] : [],
  );
}

function run(command: readonly string[], input: string, env: NodeJS.ProcessEnv, cwd: string) {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { env: { ...process.env, CASEROOM_WORLD: world.folder, ...env }, cwd });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  child.stdin.end(input);
  return new Promise<{ readonly code: number | null; readonly output: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, output })),
  );
}

/** A block of commands as the guide shows them. */
async function runCommands(block: string): Promise<string> {
  const shell = block.replaceAll("npx caseroom", [...NODE, MAIN].map((word) => `'${word}'`).join(" "));
  const { code, output } = await run(["bash", "-e"], shell, {}, folder);
  expect([code, output]).toEqual([0, expect.any(String)]);
  return output;
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the guide", () => {
  it("begins with a look at the deployment and an account", async () => {
    // Deposits of tests before this one may still be on their way, which the doctor would name.
    const look = async () => (await run([...NODE, MAIN, "doctor"], "", {}, folder)).output;
    await expect.poll(look, { timeout: 60_000, interval: 1000 }).not.toContain("✗");
    const output = await runCommands(blocks("sh run")[0] ?? "");
    expect(output).toMatch(/^guide +Dr Guide {2}nurse {2}has never signed in$/m);
    person = secrets.parse({
      password: /^password +(\S+)$/m.exec(output)?.[1],
      totpSecret: /secret=([A-Z2-7]+)/.exec(output)?.[1],
    });
    await openCaseAtClinic(world, CASE, ["guide", "guide-browser"]);
  });

  it("has a program that connects, listens, speaks, reads and checks", async () => {
    const { password, totpSecret } = person;
    const code = await generate({ secret: totpSecret });
    const account = { CASEROOM_GATEWAY: clinic.url, LOGIN: "guide", PASSWORD: password, CODE: code };
    const env = { ...account, HOME_FOLDER: join(folder, "device") };
    // From the repository, where the packages are found.
    const command = [...NODE, "--input-type=module-typescript", "-"];
    const done = await run(command, blocks("ts").join("\n"), env, REPOSITORY);
    expect([done.code, done.output]).toEqual([0, expect.stringContaining(CASE)]);
    expect(done.output).toContain("1957-07-31");
    expect(done.output).toMatch(/^(Cheung Heart Clinic|Kowloon Diagnostic Centre) \{"resourceType"/m);
    expect(await runCommands("npx caseroom people --gateway chc")).toMatch(/^guide .* enrolled$/m);
  });

  it("lets anybody audit the log, and an institution export a record", async () => {
    const [, audit = "", takeOut = ""] = blocks("sh run");
    const output = await runCommands(audit);
    expect(output).toMatch(/^the log holds: \d+ lines, root [0-9a-f]{64}$/m);
    expect(output).toMatch(/"since":[1-9]\d*,"holds":true/);
    expect(await runCommands(takeOut)).toMatch(/caseroom: \d{2,} resources/);
    const bundle = z.object({ entry: z.array(z.object({ resource: z.object({ resourceType: z.string() }) })) });
    const exported = bundle.parse(JSON.parse(readFileSync(join(folder, "chan.json"), "utf8")));
    expect(exported.entry.map(({ resource }) => resource.resourceType)).toContain("Patient");
  });

  it("works in a browser as well", async () => {
    const added = [
      "people",
      "add",
      "--gateway",
      "chc",
      "--login",
      "guide-browser",
      "--name",
      "Dr B",
      "--role",
      "nurse",
    ];
    const { output } = await run([...NODE, MAIN, ...added, "--json"], "", {}, folder);
    const { password, totpSecret } = secrets.parse(JSON.parse(output));
    const script = await bundleForBrowser(blocks("ts browser").join("\n"));
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      // Any page of the gateway's own origin; the script comes in through the debugger, as one of the page's own would.
      await page.goto(`${clinic.url}/config.json`);
      const form = { login: "guide-browser", password, code: await generate({ secret: totpSecret }) };
      expect(await page.evaluate(`(() => { ${script}; return guide.countCases(${JSON.stringify(form)}); })()`)).toBe(
        CASE,
      );
    } finally {
      await browser.close();
    }
  });
});

async function bundleForBrowser(code: string): Promise<string> {
  const entry = join(REPOSITORY, "guide-block.ts");
  const built = await build({
    configFile: false,
    logLevel: "silent",
    root: REPOSITORY,
    plugins: [
      { name: "guide", resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? code : null) },
    ],
    build: { write: false, lib: { entry, formats: ["iife"], name: "guide" } },
  });
  const [bundle] = Array.isArray(built) ? built : [built];
  const chunk = bundle !== undefined && "output" in bundle ? bundle.output[0] : undefined;
  if (chunk === undefined) throw new Error("the guide's block does not build");
  return chunk.code;
}
