import { defineConfig } from "vitest/config";

const shared = {
  // A forgotten `.only` would hide every other test of its file.
  allowOnly: false,
  // Node announces each experimental algorithm of WebCrypto; that we use them is decided in docs/dependencies.md.
  execArgv: ["--disable-warning=ExperimentalWarning"],
};

export default defineConfig({
  test: {
    reporters: ["default", "./scripts/vitest-counts.mjs"],
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["{packages,apps,tests,scripts}/**/*.test.{ts,tsx}"],
          exclude: ["**/node_modules/**", "tests/{scenarios,browser,hostile-hub,crash}/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: "world",
          // The crash test that hurts nothing looks at this world too.
          include: ["tests/{scenarios,browser,hostile-hub}/**/*.test.ts", "tests/crash/durable-ack.test.ts"],
          // One demo world, booted once, for all of them; one file after another, since they share it.
          globalSetup: ["tests/demo-world-setup.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: "crash",
          include: ["tests/crash/{kill-*,resume}.test.ts"],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
