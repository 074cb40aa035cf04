/**
 * The arrows of ARCHITECTURE.md. Whatever is not allowed here fails the build; scripts/arrows.test.ts proves that it does.
 * Run it with `node scripts/arrows/check-arrows.mjs`: called directly, dependency-cruiser finds no TypeScript 6 and sees nothing.
 */
const packages = {
  contract: [],
  crypto: ["contract"],
  clinical: ["contract"],
  postgres: ["contract"],
  space: ["contract", "crypto"],
  formats: ["contract", "clinical"],
  client: ["contract", "crypto", "space"],
};

const tests = "\\.test\\.tsx?$|-for-testing\\.tsx?$";
const opens =
  "^packages/(crypto|space)/src/secret\\.ts$|^packages/crypto/src/(aead|aes-gcm|floe|hkdf|hpke|native-cipher)\\.ts$|node_modules/(hpke|@panva/hpke-noble|@noble/ciphers)/";

const arrows = Object.entries(packages).map(([from, allowed]) => ({
  name: `${from}-imports-only-${allowed.join("-") || "nothing"}`,
  severity: "error",
  from: { path: `^packages/${from}/` },
  to: { path: "^(packages|apps)/", pathNot: `^packages/(${[from, ...allowed].join("|")})/` },
}));

module.exports = {
  forbidden: [
    ...arrows,
    { name: "no-cycle", comment: "Not even of types only.", severity: "error", from: {}, to: { circular: true } },
    {
      name: "nothing-unresolved",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^virtual:" },
    },
    {
      name: "formats-never-import-each-other",
      severity: "error",
      from: { path: "^packages/formats/([^/]+)/" },
      to: { path: "^packages/formats/", pathNot: "^packages/formats/$1/" },
    },
    {
      name: "apps-never-import-apps",
      severity: "error",
      from: { path: "^apps/([^/]+)/" },
      to: { path: "^apps/", pathNot: "^apps/$1/" },
    },
    {
      name: "the-hub-imports-only-contract-postgres-and-public-doors",
      severity: "error",
      from: { path: "^apps/hub/", pathNot: tests },
      to: {
        path: "^packages/",
        pathNot: "^packages/(contract|postgres)/|^packages/(crypto|space)/src/(verify|sign)\\.ts$",
      },
    },
    {
      name: "the-hub-cannot-reach-what-opens",
      comment:
        "The privacy promise as a missing edge: nothing that the hub reaches, however indirectly, seals, opens or understands content. Its tests may: they play the clients.",
      severity: "error",
      from: { path: "^apps/hub/", pathNot: tests },
      to: { path: `^packages/(clinical|formats|client|testkit)/|${opens}`, reachable: true },
    },
    {
      name: "public-doors-hold-no-secrets",
      severity: "error",
      from: { path: "^packages/(crypto|space)/src/(verify|sign)\\.ts$" },
      to: { path: opens, reachable: true },
    },
    {
      name: "tests-stay-out-of-programs",
      comment: "pretend.tsx is the page of the web app's dev server only; the build does not contain it.",
      severity: "error",
      from: { path: "^(packages|apps)/", pathNot: `${tests}|^packages/testkit/|^apps/web/src/pretend\\.tsx$` },
      to: { path: `${tests}|^packages/testkit/` },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|fixtures)/" },
    tsPreCompilationDeps: true,
    parser: "tsc",
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      mainFields: ["module", "main", "types", "typings"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".d.ts", ".json"],
    },
  },
};
