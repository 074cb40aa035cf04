import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,apps,tests,scripts}/**/*.test.{ts,tsx}"],
    // A forgotten `.only` would hide every other test of its file.
    allowOnly: false,
    reporters: ["default", "./scripts/vitest-counts.mjs"],
    testTimeout: 30_000,
    // Node announces each experimental algorithm of WebCrypto; that we use them is decided in docs/dependencies.md.
    execArgv: ["--disable-warning=ExperimentalWarning"],
  },
});
