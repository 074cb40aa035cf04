import { testId } from "@caseroom/client/testing";
import type { CompId, Kid, UserId } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { createDeliveryIndex, deliveryOf } from "./delivery.ts";

const ROOM = testId<CompId>(1);
const WONG = testId<UserId>(11);
const HO = testId<UserId>(12);
const PHONE = testId<Kid>(21);
const DESK = testId<Kid>(22);
const HOS_PHONE = testId<Kid>(23);

describe("what became of a message", () => {
  it("is read once any device of a colleague has read past it, and names who has it unread", () => {
    const index = createDeliveryIndex();
    index.take(ROOM, { author: WONG, kid: PHONE, delivered: 9, read: 2 });
    index.take(ROOM, { author: WONG, kid: DESK, delivered: 8, read: 8 });
    index.take(ROOM, { author: HO, kid: HOS_PHONE, delivered: 8, read: 0 });
    expect(deliveryOf(7, index.positions(ROOM))).toEqual({ state: "read", deliveredTo: [HO], readBy: [WONG] });
  });

  it("is only stored for colleagues who have counted up to it, not past it", () => {
    const index = createDeliveryIndex();
    index.take(ROOM, { author: WONG, kid: PHONE, delivered: 7, read: 7 });
    expect(deliveryOf(7, index.positions(ROOM))).toEqual({ state: "stored", deliveredTo: [], readBy: [] });
  });

  it("stays read when an older word of the same device comes late", () => {
    const index = createDeliveryIndex();
    index.take(ROOM, { author: WONG, kid: PHONE, delivered: 9, read: 9 });
    index.take(ROOM, { author: WONG, kid: PHONE, delivered: 4, read: 1 });
    expect(deliveryOf(7, index.positions(ROOM)).state).toBe("read");
  });
});
