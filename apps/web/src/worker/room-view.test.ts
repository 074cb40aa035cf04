import type { NameBook } from "@caseroom/client";
import { createCaseIndex, encodeChat } from "@caseroom/client";
import { testEntry, testId } from "@caseroom/client/testing";
import type { CompId, Digest, SpaceId, UserId } from "@caseroom/contract";
import type { CompState, Member } from "@caseroom/space/verify";
import { describe, expect, it } from "vitest";
import { summarise } from "./case-summary.ts";
import { buildRoom, type RoomInput } from "./room-view.ts";

const CASE = testId<SpaceId>(1);
const CHEUNG = testId<UserId>(11);
const WONG = testId<UserId>(12);
const HO = testId<UserId>(13);
const GATEWAY = testId<UserId>(14);
const NAMES = new Map([
  [CHEUNG, "Dr Cheung"],
  [WONG, "Dr Wong"],
  [HO, "Dr Ho"],
  [GATEWAY, "Harbour General"],
]);

const names: NameBook = (userId) => ({
  userId,
  name: NAMES.get(userId) ?? "",
  role: "",
  orgId: undefined,
  institution: "",
  isGateway: userId === GATEWAY,
});

const at = (index: number, ts: number) => ({ index, ts });

/** Cheung and a gateway founded it; Wong came at 1005; Ho came at 1002 and went at 1007. */
function room(): CompState {
  const member = (userId: UserId, role: Member["role"], from: Member["from"]): readonly [UserId, Member] => [
    userId,
    { userId, role, from, pukGen: 1 },
  ];
  const nothing = new Uint8Array(32);
  return {
    ct: "comp",
    id: testId<CompId>(200),
    spaceId: CASE,
    tier: 11,
    head: { n: 5, hash: testId<Digest>(250), at: at(9, 1007) },
    members: new Map([
      member(CHEUNG, "admin", at(1, 990)),
      member(GATEWAY, "rotator", at(1, 990)),
      member(WONG, "admin", at(6, 1006)),
    ]),
    past: [
      { userId: WONG, role: "writer", from: at(5, 1005), until: at(6, 1006) },
      { userId: HO, role: "writer", from: at(3, 1002), until: at(9, 1007) },
    ],
    epochs: [{ e: 1, commitment: nothing, inboxKey: nothing, history: undefined, at: at(1, 990) }],
    wraps: new Map(),
  };
}

function input(more: Partial<RoomInput> = {}): RoomInput {
  const index = createCaseIndex({ isGatewayOf: () => false, keepsChart: () => false });
  for (const [n, author, text] of [
    [1, CHEUNG, "first"],
    [4, HO, "second"],
    [9, WONG, "third"],
  ] as const)
    index.take(testEntry({ spaceId: CASE, n, author, kind: "chat", body: encodeChat({ text }) }));
  return {
    spaceId: CASE,
    me: CHEUNG,
    file: index.file(CASE),
    comp: room(),
    isRemoved: false,
    coveredN: 5,
    imaging: [],
    positions: new Map(),
    onItsWay: [],
    gaps: [],
    names,
    ...more,
  };
}

function lines(view: ReturnType<typeof buildRoom>): readonly string[] {
  return view.items.map((item) => {
    if (item.type === "message") return item.text;
    if (item.type === "imaging") return `images ${item.card.study}`;
    return item.type === "gap" ? `gap ${item.code}` : `${item.who} ${item.event}`;
  });
}

describe("the room as a person reads it", () => {
  it("tells who came and went where it happened, and takes a new role for neither", () => {
    expect(lines(buildRoom(input()))).toEqual([
      "first",
      "Dr Ho joined",
      "second",
      "Dr Wong joined",
      "Dr Ho removed",
      "third",
    ]);
  });

  it("shows a gap at the place of what was withheld, not at the end where it was noticed", () => {
    const view = buildRoom(input({ gaps: [{ n: 4, code: "SEQUENCE_GAP", atMs: 9_999_999 }], comp: undefined }));
    expect(lines(view)).toEqual(["first", "gap SEQUENCE_GAP", "second", "third"]);
  });

  it("does not call a message read because the gateway or a further device of its author has it", () => {
    const positions = new Map([
      [CHEUNG, { delivered: 20, read: 20 }],
      [GATEWAY, { delivered: 20, read: 20 }],
      [WONG, { delivered: 20, read: 1 }],
    ]);
    const [first] = buildRoom(input({ positions })).items;
    expect(first).toMatchObject({ state: "delivered", deliveredTo: ["Dr Wong"], readBy: [], proof: "logged" });
  });

  it("lets nobody write who has been removed, and counts nothing as unread for them", () => {
    expect(buildRoom(input()).canWrite).toBe(true);
    expect(buildRoom(input({ isRemoved: true })).canWrite).toBe(false);
    expect(summarise(input()).unread).toBe(2);
    expect(summarise(input({ isRemoved: true })).unread).toBe(0);
  });
});
