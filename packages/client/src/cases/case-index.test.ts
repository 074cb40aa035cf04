import type { EntryId, OrgId, SpaceId, UserId } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { encodeChat } from "../chat-body.ts";
import { testEntry, testId } from "../received-entry-for-testing.ts";
import { encodeRequest, type RequestEntry } from "../request-entry.ts";
import { createCaseIndex } from "./case-index.ts";

const CASE = testId<SpaceId>(1);
const CHART = testId<SpaceId>(2);
const CHEUNG = testId<UserId>(11);
const WONG = testId<UserId>(12);
const HOSPITAL_GATEWAY = testId<UserId>(13);
const HOSPITAL = testId<OrgId>(21);

const INVITE: RequestEntry = {
  type: "invite",
  orgId: HOSPITAL,
  staffId: "S2",
  name: "Dr Wong",
  role: "attending",
  accept: true,
};

function openIndex() {
  return createCaseIndex({
    isGatewayOf: (orgId, userId) => orgId === HOSPITAL && userId === HOSPITAL_GATEWAY,
    keepsChart: (chart, userId) => chart === CHART && userId === HOSPITAL_GATEWAY,
  });
}

function request(n: number, author: UserId, body: RequestEntry) {
  return testEntry({ spaceId: CASE, n, author, kind: "request", body: encodeRequest(body) });
}

function info(n: number, name: string) {
  const patient = { name: "Chan Tai Man", birthDate: "1957-03-14", sex: "male", identifiers: [] };
  return request(n, CHEUNG, { type: "case-info", name, patient });
}

describe("what the room of a case says", () => {
  it("knows the case by its newest name, whatever order the entries were opened in", () => {
    const index = openIndex();
    index.take(info(4, "Cardiac surgery"));
    index.take(info(1, "Chest pain"));
    expect(index.file(CASE).name).toBe("Cardiac surgery");
    expect(index.file(CASE).said.map(({ n }) => n)).toEqual([1, 4]);
  });

  it("does not let a colleague answer an invitation in the place of the invited person's institution", () => {
    const index = openIndex();
    index.take(request(1, CHEUNG, INVITE));
    const of = testId<EntryId>(101);
    index.take(request(2, CHEUNG, { type: "accept", of, userId: WONG }));
    expect(index.file(CASE).invites.get(of)?.answer).toBeUndefined();
    index.take(request(3, HOSPITAL_GATEWAY, { type: "decline", of }));
    expect(index.file(CASE).invites.get(of)?.answer).toBe("decline");
  });

  it("takes only from the institution that keeps a chart that it is this patient's, and that it no longer is", () => {
    const index = openIndex();
    const link = (n: number, author: UserId, t: string) =>
      testEntry({
        spaceId: CASE,
        n,
        author,
        kind: "chartlink",
        body: new Map([
          ["t", t],
          ["chart", CHART],
        ]),
      });
    index.take(link(1, CHEUNG, "link"));
    expect(index.file(CASE).charts.size).toBe(0);
    index.take(link(2, HOSPITAL_GATEWAY, "link"));
    expect(index.file(CASE).charts).toEqual(new Set([CHART]));
    index.take(link(3, HOSPITAL_GATEWAY, "unlink"));
    expect(index.file(CASE).charts.size).toBe(0);
  });

  it("takes a message back that turned out not to be from its author", () => {
    const index = openIndex();
    index.take(testEntry({ spaceId: CASE, n: 1, author: WONG, kind: "chat", body: encodeChat({ text: "Stop it" }) }));
    expect(index.withdraw(testId<EntryId>(101))).toBe(CASE);
    expect(index.file(CASE).said).toEqual([]);
  });
});
