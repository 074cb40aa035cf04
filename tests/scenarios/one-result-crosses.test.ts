import {
  chatText,
  createMllpSender,
  fragmentsOf,
  gatewayOf,
  hba1cMessage,
  readDemoWorld,
  signInPerson,
  type TestPerson,
  until,
} from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

const world = readDemoWorld(inject("worldFolder"));
let ho: TestPerson;
let lam: TestPerson;

beforeAll(async () => {
  ho = await signInPerson(world, "ho");
  lam = await signInPerson(world, "lam");
});
afterAll(async () => {
  await Promise.all([ho?.stop(), lam?.stop()]);
});

describe("a laboratory result", () => {
  it("sent to one institution is opened and verified by doctors of two others", async () => {
    await ho.awaitRoom();
    await lam.awaitRoom();
    const laboratory = createMllpSender(gatewayOf(world, "kdc").mllp);
    const answer = await laboratory.send(
      hba1cMessage({ controlId: `crossing-${Date.now()}`, percent: "7.35", at: "20261124093000+0800" }),
    );
    laboratory.close();
    expect(answer).toMatch(/^MSA\|AA\|crossing-/m);
    for (const person of [ho, lam]) {
      const received = await person.awaitEntry((one) => fragmentsOf(one).some((json) => json.includes("7.35")));
      expect(received.entry.provenance?.sourceId).toMatch(/^crossing-/);
      expect(received.entry.author).toBe(kdcGateway());
    }
  });

  it("that comes again is answered as before and stored once", async () => {
    const laboratory = createMllpSender(gatewayOf(world, "kdc").mllp);
    const message = hba1cMessage({ controlId: `twice-${Date.now()}`, percent: "7.41", at: "20261124100000+0800" });
    const first = await laboratory.send(message);
    const second = await laboratory.send(message);
    expect(second).toBe(first);
    await ho.awaitEntry((one) => fragmentsOf(one).some((json) => json.includes("7.41")));
    await laboratory.send(
      hba1cMessage({ controlId: `after-${Date.now()}`, percent: "7.42", at: "20261124101000+0800" }),
    );
    await ho.awaitEntry((one) => fragmentsOf(one).some((json) => json.includes("7.42")));
    laboratory.close();
    const copies = ho.entries().filter((one) => fragmentsOf(one).some((json) => json.includes("7.41")));
    expect(copies).toHaveLength(1);
  });

  it("about somebody with another birth date is refused with a reason and kept for a person", async () => {
    const laboratory = createMllpSender(gatewayOf(world, "kdc").mllp);
    const patient = "PID|1||KD-778812^^^KDC^MR||Chan^Tai Man||19990101|M";
    const controlId = `mismatch-${Date.now()}`;
    const answer = await laboratory.send(
      hba1cMessage({ controlId, percent: "5.0", at: "20261124103000+0800", patient }),
    );
    expect(answer).toMatch(/^MSA\|AE\|mismatch-/m);
    expect(answer).toMatch(/^ERR\|\|PID/m);
    expect(answer).not.toContain("19990101");
    const rubbish = await laboratory.send("not a message at all");
    expect(rubbish).toMatch(/^MSA\|AR\|/m);
    laboratory.close();
  });

  it("is answered by the other institution's own FHIR door", async () => {
    const hgh = gatewayOf(world, "chc");
    const search = async (query: string) => {
      const response = await fetch(`${hgh.fhir}/Observation?${query}`, {
        headers: { authorization: `Bearer ${hgh.token}` },
      });
      return response.text();
    };
    const found = await awaitText(
      () => search("patient.identifier=KDC|KD-778812&code=http://loinc.org|4548-4&_count=100"),
      (text) => text.includes("7.35"),
    );
    expect(found).toContain('"type":"searchset"');
    const refused = await fetch(`${hgh.fhir}/Observation`);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ resourceType: "OperationOutcome" });
    const unknown = await fetch(`${hgh.fhir}/Observation?colour=red`, {
      headers: { authorization: `Bearer ${hgh.token}` },
    });
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({ resourceType: "OperationOutcome" });
  });
});

describe("the two doctors", () => {
  it("talk in the case's room and see how far each message has come", async () => {
    const hers = await ho.awaitRoom();
    const his = await lam.awaitRoom();
    expect(his.compId).toBe(hers.compId);
    await ho.say(hers.compId, "HbA1c is 7.35, may we go ahead on Monday?");
    const question = await lam.awaitEntry((one) => chatText(one)?.includes("is 7.35, may we") === true);
    expect(question.entry.author).toBe(ho.client.userId);
    await lam.say(his.compId, "Yes, theatre 2.");
    await ho.awaitEntry((one) => chatText(one) === "Yes, theatre 2.");
    await lam.client.mark(his.compId, { delivered: question.n + 1, read: question.n + 1 });
    const mark = await until(
      () =>
        ho
          .events()
          .find(
            (event) => event.type === "mark" && event.mark.author === lam.client.userId && event.mark.read > question.n,
          ),
      10_000,
      "no mark came",
    );
    expect(mark).toBeDefined();
  });

  it("see every entry proven by the log, and no alarm", async () => {
    const room = await ho.awaitRoom();
    await until(() => (room.coveredN() >= room.nextN() ? true : undefined), 20_000, "not everything is logged");
    expect(ho.client.alarms()).toEqual([]);
    expect(lam.client.alarms()).toEqual([]);
  });
});

function kdcGateway() {
  for (const org of ho.client.directory.orgs()) {
    if (ho.client.directory.consortium()?.orgs.get(org.id)?.name !== "Kowloon Diagnostic Centre") continue;
    return [...org.gateways.keys()][0];
  }
  return undefined;
}

async function awaitText(look: () => Promise<string>, fits: (text: string) => boolean): Promise<string> {
  for (let i = 0; i < 100; i++) {
    const text = await look();
    if (fits(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the FHIR door does not show it");
}
