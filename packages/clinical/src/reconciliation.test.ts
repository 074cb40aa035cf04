import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAssembler } from "./assembler.ts";
import {
  allergyForTesting as allergy,
  fragmentForTesting as fragment,
  pictureForTesting as picture,
} from "./picture-for-testing.ts";
import { parseReconciliation, type Reconciliation, type ReconciliationPayload, reconcile } from "./reconciliation.ts";

const RECORD = [fragment("1", "hgh", allergy("Penicillin")), fragment("2", "chc", allergy("No known allergies"))];
const [conflict] = picture(...RECORD).conflicts;
if (conflict === undefined) throw new Error("the record has no conflict");
const entry = (entryId: string, atMs: number, payload: ReconciliationPayload): Reconciliation => ({
  entryId,
  authorId: "dr-cheung",
  atMs,
  payload,
});
const holds = reconcile(conflict, { kind: "holds", text: "Penicillin" }, "skin test positive");
const undo = (entryId: string): ReconciliationPayload => ({ act: "undo", entryId, reason: "wrong patient's letter" });

function settlementOf(entries: readonly Reconciliation[], record = RECORD) {
  const assembler = createAssembler();
  assembler.add(record);
  assembler.reconcile(entries);
  return assembler.picture().conflicts[0]?.settlement;
}

describe("a clinician's reconciliation", () => {
  it("stands beside the conflict, and the statements stay", () => {
    const assembler = createAssembler();
    assembler.add(RECORD);
    assembler.reconcile([entry("e1", 10, holds)]);
    expect(assembler.picture().conflicts[0]).toMatchObject({
      statements: conflict.statements,
      settlement: {
        entryId: "e1",
        authorId: "dr-cheung",
        state: "settled",
        decision: { kind: "holds", text: "Penicillin" },
        reason: "skin test positive",
      },
    });
  });

  it("is as if it had never been when it is undone, and stands again when that is undone", () => {
    const [done, undone, again] = [entry("e1", 10, holds), entry("e2", 20, undo("e1")), entry("e3", 30, undo("e2"))];
    expect(settlementOf([done, undone])).toBeUndefined();
    expect(settlementOf([done, undone, again])?.entryId).toBe("e1");
    expect(settlementOf([done, entry("x", 1, undo("y")), entry("y", 1, undo("x"))])?.entryId).toBe("e1");
  });

  it("opens again when a statement or an institution comes that the clinician had not seen", () => {
    const done = [entry("e1", 10, holds)];
    expect(settlementOf(done, [...RECORD, fragment("3", "hgh", allergy("Penicillin"))])?.state).toBe("settled");
    expect(settlementOf(done, [...RECORD, fragment("3", "kdc", allergy("Penicillin"))])?.state).toBe("open");
    expect(settlementOf(done, [...RECORD, fragment("3", "hgh", allergy("Latex"))])?.state).toBe("open");
  });

  it("is the same in whatever order entries and fragments come, the latest that stands counting", () => {
    const entries = [
      entry("e1", 10, holds),
      entry("e2", 20, reconcile(conflict, { kind: "open" }, "ask the mother")),
      entry("e3", 30, reconcile(conflict, { kind: "holds", text: "No known allergies" }, "tolerated amoxicillin")),
      entry("e4", 40, undo("e3")),
    ];
    expect(settlementOf(entries)).toMatchObject({ entryId: "e2", state: "open" });
    fc.assert(
      fc.property(
        fc.shuffledSubarray(entries, { minLength: 4 }),
        fc.shuffledSubarray([...RECORD], { minLength: 2 }),
        (shuffled, record) => {
          const assembler = createAssembler();
          assembler.reconcile(shuffled);
          assembler.add(record.slice(0, 1));
          assembler.picture();
          assembler.add(record);
          expect(assembler.picture().conflicts[0]?.settlement?.entryId).toBe("e2");
        },
      ),
    );
  });

  it("is read again as it was written, and nothing else is", () => {
    for (const payload of [holds, undo("e1"), reconcile(conflict, { kind: "same" }, "x")])
      expect(parseReconciliation(JSON.parse(JSON.stringify(payload)))).toEqual(payload);
    for (const wrong of [
      null,
      "",
      [],
      {},
      { act: "undo" },
      { ...holds, decision: { kind: "holds" } },
      { ...holds, seen: [1] },
      { ...holds, reason: "" },
      { ...holds, seen: Array(201).fill(holds.seen[0]) },
    ])
      expect(parseReconciliation(wrong)).toBeUndefined();
  });
});
