import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const checkArrows = join(root, "scripts/arrows/check-arrows.mjs");
const checkCiphers = join(root, "scripts/check-hub-ciphers.mjs");

const workspaces = [
  "packages/contract",
  "packages/crypto",
  "packages/space",
  "packages/clinical",
  "packages/client",
  "packages/postgres",
  "packages/testkit",
  "packages/formats/fhir",
  "packages/formats/hl7v2",
  "apps/hub",
  "apps/gateway",
];

/** A small repository that keeps every rule: each door exports a value and a type, and the hub uses what it may. */
const allowed: Record<string, string> = {
  "packages/contract/src/index.ts": "export const contract = 1;\nexport interface Contract { readonly a: number }\n",
  "packages/crypto/src/verify.ts": 'export { contract as verify } from "@caseroom/contract";\n',
  "packages/crypto/src/sign.ts": "export const sign = 1;\n",
  "packages/crypto/src/secret.ts": 'export { open, type Opened } from "./aead.ts";\n',
  "packages/crypto/src/aead.ts": "export const open = 1;\nexport interface Opened { readonly a: number }\n",
  "packages/space/src/verify.ts": 'import { verify } from "@caseroom/crypto/verify";\nexport const space = verify;\n',
  "packages/space/src/sign.ts": 'export { sign } from "@caseroom/crypto/sign";\n',
  "packages/space/src/secret.ts": 'export { open } from "@caseroom/crypto/secret";\n',
  "packages/clinical/src/index.ts": "export const picture = 1;\nexport interface Picture { readonly a: number }\n",
  "packages/client/src/index.ts":
    'import type { Opened } from "@caseroom/crypto/secret";\nexport type Client = Opened;\n',
  "packages/postgres/src/index.ts": "export const database = 1;\n",
  "packages/testkit/src/index.ts": 'export type { Client } from "@caseroom/client";\n',
  "packages/formats/fhir/src/index.ts": 'export { picture as fhir } from "@caseroom/clinical";\n',
  "packages/formats/hl7v2/src/index.ts": 'export { picture as hl7v2 } from "@caseroom/clinical";\n',
  "apps/hub/src/index.ts": 'import { space } from "@caseroom/space/verify";\nexport const hub = space;\n',
  "apps/hub/src/hub.test.ts": 'import type { Client } from "@caseroom/testkit";\nexport type Player = Client;\n',
  "apps/gateway/src/index.ts": 'import { fhir } from "@caseroom/fhir";\nexport const gateway = fhir;\n',
};

const reach = "the-hub-cannot-reach-what-opens";
const secret = "@caseroom/crypto/secret";

/** What the hub must not be able to write: the file in apps/hub/src and its source. */
const forbiddenToTheHub = [
  ["a value", "value.ts", `import { open } from "${secret}";\nexport const a = open;`],
  ["a value in a screen", "screen.tsx", `import { open } from "${secret}";\nexport const a = <p>{open}</p>;`],
  ["a type", "type-only.ts", `import type { Opened } from "${secret}";\nexport type A = Opened;`],
  [
    "a type in a screen",
    "type-only.tsx",
    `import type { Opened } from "${secret}";\nexport const a = (b: Opened) => <p>{b.a}</p>;`,
  ],
  ["a type among values", "inline-type.ts", `import { type Opened } from "${secret}";\nexport type A = Opened;`],
  ["a type inside an expression", "type-expression.ts", `export type A = import("${secret}").Opened;`],
  ["a dynamic import", "dynamic.ts", `export const a = await import("${secret}");`],
  ["a re-export", "re-export.ts", `export { open } from "${secret}";`],
  ["a re-export of everything", "re-export-all.ts", `export * from "${secret}";`],
  ["a re-export of types", "re-export-type.ts", `export type * from "${secret}";`],
  ["a file behind the door", "past-the-door.ts", 'import "../../../packages/crypto/src/aead.ts";'],
  ["the secret door of spaces", "space.ts", 'import "@caseroom/space/secret";'],
  [
    "a type of the picture",
    "clinical.ts",
    'import type { Picture } from "@caseroom/clinical";\nexport type A = Picture;',
  ],
  ["a format", "format.ts", 'import "@caseroom/fhir";'],
  ["a type of the client", "client.ts", 'import type { Client } from "@caseroom/client";\nexport type A = Client;'],
  ["the testkit outside tests", "testkit.ts", 'import "@caseroom/testkit";'],
  ["a type through another package", "detour.ts", 'export type { A } from "../../../packages/postgres/src/leak.ts";'],
].map(([what = "", name = "", source = ""]) => ({ what, path: `apps/hub/src/${name}`, source }));

/** What other packages must not be able to write, and the rule that has to say so. */
const forbiddenToOthers = [
  [
    "postgres-imports-only-contract",
    "packages/postgres/src/leak.ts",
    `import type { Opened } from "${secret}";\nexport type A = Opened;`,
  ],
  ["contract-imports-only-nothing", "packages/contract/src/up.ts", 'import "@caseroom/crypto/verify";'],
  ["crypto-imports-only-contract", "packages/crypto/src/up.ts", 'import "@caseroom/space/verify";'],
  ["clinical-imports-only-contract", "packages/clinical/src/up.ts", 'import "@caseroom/fhir";'],
  ["space-imports-only-contract-crypto", "packages/space/src/up.ts", 'import "@caseroom/clinical";'],
  ["client-imports-only-contract-crypto-space", "packages/client/src/up.ts", 'import "@caseroom/clinical";'],
  ["formats-imports-only-contract-clinical", "packages/formats/fhir/src/up.ts", 'import "@caseroom/client";'],
  ["formats-never-import-each-other", "packages/formats/hl7v2/src/sideways.ts", 'import "@caseroom/fhir";'],
  ["apps-never-import-apps", "apps/gateway/src/sideways.ts", 'import type {} from "@caseroom/hub";'],
  ["tests-stay-out-of-programs", "apps/gateway/src/played.ts", 'import "@caseroom/testkit";'],
  ["nothing-unresolved", "apps/gateway/src/missing.ts", 'import "./nowhere.ts";'],
  [
    "no-cycle",
    "packages/clinical/src/chicken.ts",
    'import type { Egg } from "./egg.ts";\nexport type Chicken = Egg[];',
  ],
  [
    "no-cycle",
    "packages/clinical/src/egg.ts",
    'import type { Chicken } from "./chicken.ts";\nexport type Egg = Chicken[];',
  ],
].map(([rule = "", path = "", source = ""]) => ({ rule, path, source }));

const folders: string[] = [];

function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "caseroom-arrows-")));
  folders.push(folder);
  return folder;
}

function write(folder: string, path: string, source: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
}

/** The manifests are the real ones, so that the doors in the small repository are those of the packages. */
function makeRepository(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules/@caseroom"), { recursive: true });
  for (const file of [".dependency-cruiser.cjs", "tsconfig.base.json", "package.json"]) {
    copyFileSync(join(root, file), join(folder, file));
  }
  for (const path of workspaces) {
    mkdirSync(join(folder, path), { recursive: true });
    copyFileSync(join(root, path, "package.json"), join(folder, path, "package.json"));
    symlinkSync(join(folder, path), join(folder, "node_modules/@caseroom", basename(path)), "junction");
  }
  for (const [path, source] of Object.entries(allowed)) write(folder, path, source);
  return folder;
}

function check(script: string, cwd: string, ...args: string[]): { status: number | null; lines: string[] } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd, encoding: "utf8" });
  return { status, lines: `${stdout}${stderr}`.split("\n") };
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe("the arrows between packages", () => {
  let broken: { status: number | null; lines: string[] } = { status: null, lines: [] };

  beforeAll(() => {
    const folder = makeRepository();
    for (const { path, source } of [...forbiddenToTheHub, ...forbiddenToOthers]) write(folder, path, source);
    broken = check(checkArrows, folder);
  });

  it("hold in this repository", () => {
    expect(check(checkArrows, root)).toMatchObject({ status: 0 });
  });

  it("let through what they allow", () => {
    expect(check(checkArrows, makeRepository())).toMatchObject({ status: 0 });
  });

  it("fail the check when one is broken", () => {
    expect(broken.status).toBe(1);
  });

  it.each(forbiddenToTheHub)("refuse the hub $what", ({ path }) => {
    expect(broken.lines.filter((line) => line.startsWith(`${reach}: ${path} → `))).not.toEqual([]);
  });

  it.each(forbiddenToOthers)("refuse $path by the rule $rule", ({ rule, path }) => {
    const naming = broken.lines.filter((line) => line.startsWith(`${rule}: `) && line.includes(path));
    expect(naming).not.toEqual([]);
  });

  it("are not believed where no source was seen", () => {
    const folder = temporaryFolder();
    for (const file of [".dependency-cruiser.cjs", "tsconfig.base.json"])
      copyFileSync(join(root, file), join(folder, file));
    expect(check(checkArrows, folder)).toMatchObject({ status: 1 });
  });
});

describe("the hub's abstinence from ciphers", () => {
  it("holds in this repository", () => {
    expect(check(checkCiphers, root)).toMatchObject({ status: 0 });
  });

  it("lets through hashes and random bytes", () => {
    const folder = temporaryFolder();
    write(
      folder,
      "src/digest.ts",
      'import { createHash, randomBytes } from "node:crypto";\nexport { createHash, randomBytes };',
    );
    expect(check(checkCiphers, root, folder)).toMatchObject({ status: 0 });
  });

  it.each([
    ["a cipher", 'import { createCipheriv } from "node:crypto";\nexport { createCipheriv };'],
    ["a key exchange", 'import { diffieHellman } from "node:crypto";\nexport { diffieHellman };'],
    ["WebCrypto's decryption", "export const open = crypto.subtle.decrypt;"],
    ["an import whose name is computed", 'export const a = await import(["node", "crypto"].join(":"));'],
    ["a require made on the spot", 'import { createRequire } from "node:module";\nexport { createRequire };'],
  ])("refuses %s", (_what, source) => {
    const folder = temporaryFolder();
    write(folder, "src/deep/sealing.ts", source);
    const { status, lines } = check(checkCiphers, root, folder);
    expect(status).toBe(1);
    expect(lines.join("\n")).toContain(join(folder, "src/deep/sealing.ts"));
  });
});
