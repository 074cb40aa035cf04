import { encodeImageMark, type Outbox } from "@caseroom/client";
import { testEntry, testId } from "@caseroom/client/testing";
import { bytesToId16, type CompId, expectOk, type Oid, ok, type SpaceId, type UserId } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import type { ImageMarkDraft } from "../engine/imaging.ts";
import { createImageMarks } from "./imaging-marks.ts";

const room = testId<SpaceId>(1);
const compId = testId<CompId>(200);
const me = testId<UserId>(2);
const wong = testId<UserId>(3);
const draft: ImageMarkDraft = {
  kind: "arrow",
  sop: "1.2.3",
  frame: 1,
  space: "patient",
  points: [
    [-1000, 0, 5],
    [2000, 0, 5],
  ],
  text: "here",
};

const annot = (n: number, author: UserId) =>
  testEntry({ spaceId: room, n, author, kind: "annot", body: encodeImageMark(draft) });
function retract(n: number, author: UserId, of: ReturnType<typeof annot>) {
  const received = testEntry({ spaceId: room, n, author, kind: "retract", body: new Map([["t", "image"]]) });
  return { ...received, entry: { ...received.entry, re: of.entry.entryId } };
}

function open() {
  const appended: Parameters<Outbox["append"]>[1][] = [];
  const oid = bytesToId16<Oid>(new Uint8Array(16).fill(9));
  const marks = createImageMarks({
    me,
    outbox: {
      append: async (_compId, entry) => {
        appended.push(entry);
        return {
          oid: expectOk(oid === undefined ? { ok: false, error: "no" } : ok(oid), "oid"),
          accepted: new Promise(() => undefined),
        };
      },
      waiting: () => [],
    },
    authorOf: () => ({ name: "somebody", institution: "somewhere" }),
    nowMs: () => 1,
    onChange: () => undefined,
  });
  return { marks, appended };
}

describe("marks on images", () => {
  it("of everyone in the room are shown, and only one's own are one's own", () => {
    const { marks } = open();
    expect(marks.take(annot(1, wong))).toBe(true);
    marks.take(annot(2, me));
    expect(marks.list(room, compId).map(({ mine, text }) => [mine, text])).toEqual([
      [false, "here"],
      [true, "here"],
    ]);
  });
  it("go when their author withdraws them, and stay when somebody else tries to", () => {
    const { marks } = open();
    const [first, second] = [annot(1, wong), annot(2, wong)];
    marks.take(first);
    marks.take(second);
    expect(marks.take(retract(3, me, first))).toBe(true);
    marks.take(retract(4, wong, second));
    expect(marks.list(room, compId).map(({ id }) => id)).toEqual([first.entry.entryId]);
  });
  it("cannot be removed by a person who did not make them", async () => {
    const { marks, appended } = open();
    const mark = annot(1, wong);
    marks.take(mark);
    expect(await marks.remove(room, compId, mark.entry.entryId)).toMatchObject({ error: { code: "FORBIDDEN" } });
    expect(appended).toEqual([]);
  });
  it("are gone from one's own screen as soon as one removes them", async () => {
    const { marks, appended } = open();
    const mark = annot(1, me);
    marks.take(mark);
    await marks.remove(room, compId, mark.entry.entryId);
    expect(marks.list(room, compId)).toEqual([]);
    expect(appended).toMatchObject([{ kind: "retract", re: mark.entry.entryId }]);
  });
});
