import { bytesToUtf8, expectOk } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { type Counts, countEntries } from "./entry-counter-for-testing.ts";
import type { CcdaReading, SkipReason } from "./index.ts";
import { readCcda } from "./index.ts";
import { allSamples, sample } from "./samples-for-testing.ts";

/** The only reasons for which a counted statement may have no resource. */
const REASONS: readonly SkipReason[] = [
  "duplicate",
  "negated",
  "no-information",
  // Plans (any mood but EVN) stand in lists of facts against the standard.
  "unsupported-entry",
  "unsupported-section",
];

it("counts something: the entries of the HL7 sample as its author numbers them", () => {
  const counts = countEntries(bytesToUtf8(sample("hl7-ccd.xml")) ?? "");
  expect(Object.fromEntries(counts)).toMatchObject({
    "48765-2/AllergyIntolerance": 2,
    "11369-6/Immunization": 5,
    "10160-0/Medication": 2,
    "11450-4/Condition": 4,
    "47519-4/Procedure": 3,
    "46240-8/Encounter": 1,
    "30954-2/DiagnosticReport": 2,
    "46264-8/Entry": 3,
  });
});

describe("counted independently, every statement is a resource or has a reason", () => {
  it.each(allSamples())("$name", ({ bytes }) => {
    const reading = expectOk(readCcda(bytes), "the document");
    const counted = countEntries(bytesToUtf8(bytes) ?? "");
    const found = countResources(reading, counted);
    const missing = new Map<string, number>();
    for (const [key, count] of counted) {
      const lacking = count - (found.get(key) ?? 0);
      expect(lacking, key).toBeGreaterThanOrEqual(0);
      const section = key.slice(0, key.lastIndexOf("/"));
      missing.set(section, (missing.get(section) ?? 0) + lacking);
    }
    const reasons = reading.skipped.filter(({ reason }) => REASONS.includes(reason));
    for (const [section, lacking] of missing)
      expect(reasons.filter((each) => each.section === section).length, section).toBe(lacking);
  });
});

/**
 * Resources by `section code/kind`, which `meta.source` names. In a section whose kind the counter does not know every
 * entry from which something was made counts once.
 */
function countResources(reading: CcdaReading, counted: Counts): Counts {
  const counts = new Map<string, number>();
  const entries = new Set<string>();
  for (const { resourceType, json } of reading.resources) {
    const [path = "", code] = /#section\[\d+\](?:\/([^/"]+))?\/entry\[\d+\]/.exec(json) ?? [];
    if (path === "" || resourceType === "DocumentReference") continue;
    const section = decodeURIComponent(code ?? "");
    const kind = resourceType.startsWith("Medication") ? "Medication" : resourceType;
    const isUnknown = counted.has(`${section}/Entry`);
    if (isUnknown && entries.has(path)) continue;
    entries.add(path);
    const key = `${section}/${isUnknown ? "Entry" : kind}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
