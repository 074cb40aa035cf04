import { describe, expect, it } from "vitest";
import { createAssembler } from "./assembler.ts";
import { fragmentForTesting as fragment } from "./picture-for-testing.ts";

const visit = (id: string, start: string) =>
  fragment(id, "hgh", {
    resourceType: "Encounter",
    id,
    status: "finished",
    type: [{ text: "Visit" }],
    period: { start },
  });

describe("what is missing", () => {
  it("is named: who has not answered, who refused, who sent nothing, and what was withheld", () => {
    const assembler = createAssembler();
    assembler.add([visit("1", "2026-05-01")]);
    const state = "answered";
    assembler.cover({
      institutions: [
        { id: "hgh", name: "Harbour General", state },
        { id: "kdc", name: "Kowloon Diagnostic", state: "not-answered" },
        { id: "chc", name: "Central Heart Clinic", state },
        { id: "old", name: "Old Town Clinic", state: "refused" },
      ],
      withheld: [{ institution: "Harbour General", what: "sensitive", count: 2 }],
      asOfMs: Date.parse("2026-06-01"),
    });
    expect(assembler.picture().gaps).toEqual([
      { kind: "institution", institution: "Central Heart Clinic", reason: "nothing-sent" },
      { kind: "institution", institution: "Kowloon Diagnostic", reason: "not-answered" },
      { kind: "institution", institution: "Old Town Clinic", reason: "refused" },
      { kind: "withheld", institution: "Harbour General", what: "sensitive", count: 2 },
    ]);
  });

  it("is every year without anything dated, the last of them until now", () => {
    const assembler = createAssembler();
    assembler.add([visit("1", "2019-01-01"), visit("2", "2019-11-01"), visit("3", "2023-03-01")]);
    const period = (from: string, to: string) => ({ kind: "period", fromMs: Date.parse(from), toMs: Date.parse(to) });
    expect(assembler.picture().gaps).toEqual([period("2019-11-01", "2023-03-01")]);
    assembler.cover({ institutions: [], withheld: [], asOfMs: Date.parse("2026-06-01") });
    expect(assembler.picture().gaps).toEqual([period("2023-03-01", "2026-06-01"), period("2019-11-01", "2023-03-01")]);
  });
});
