import { writeFileSync } from "node:fs";

/** Vitest reporter: hands the number of tests to scripts/run-tests.mjs. An unhandled error counts as a failure. */
export default class CountsReporter {
  onTestRunEnd(modules, errors = []) {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === "passed" || state === "failed" ? state : "skipped"] += 1;
      }
    }
    const file = process.env.CASEROOM_TEST_COUNTS;
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}
