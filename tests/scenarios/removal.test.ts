import { planCase } from "@caseroom/client";
import { expectOk } from "@caseroom/contract";
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
let lau: TestPerson;

beforeAll(async () => {
  ho = await signInPerson(world, "ho");
  lau = await signInPerson(world, "lau");
});
afterAll(async () => {
  await Promise.all([ho?.stop(), lau?.stop()]);
});

describe("a person removed from a case", () => {
  it("keeps what was read and opens nothing newer, not even with the hub's help", async () => {
    // A case of her own: the founder administers it.
    const gateway = ownGateway(ho);
    const created = expectOk(await ho.client.commits.createSpace(planCase(ho.client.userId, gateway, [])), "case");
    expectOk(await ho.client.sync(), "sync");
    const room = created.comps[0]?.compId;
    if (room === undefined) throw new Error("a case has a room");
    expectOk(
      await ho.client.commits.change([
        { compId: room, change: { add: [{ userId: lau.client.userId, role: "writer" }] } },
      ]),
      "add",
    );
    await ho.say(room, "before");
    await lau.awaitEntry((one) => chatText(one) === "before");
    expectOk(
      await ho.client.commits.change([{ compId: room, change: { rm: [{ userId: lau.client.userId, code: "left" }] } }]),
      "remove",
    );
    await ho.say(room, "after");
    await until(
      () => lau.events().find((event) => event.type === "removed" && event.compId === room),
      10_000,
      "nobody told her",
    );
    await lau.client.sync();
    expect(lau.entries().some((one) => chatText(one) === "after")).toBe(false);
    expect(lau.entries().some((one) => chatText(one) === "before")).toBe(true);
    // The hub refuses; and the key of the new epoch was never wrapped for her.
    const state = ho.client.compartment(room)?.state();
    expect(state?.epochs.at(-1)?.e).toBe(2);
    expect(state?.wraps.has(lau.client.userId)).toBe(false);
    const sent = await lau.client.outbox.append(room, { kind: "chat", body: new Map([["text", "still here?"]]) });
    expect(
      await Promise.race([sent.accepted, new Promise((resolve) => setTimeout(() => resolve("waiting"), 2000))]),
    ).toBe("waiting");
  });

  it("also loses the patient's record when no other case gives a reason to read it", async () => {
    await lau.awaitRoom();
    const laboratory = createMllpSender(gatewayOf(world, "kdc").mllp);
    await laboratory.send(
      hba1cMessage({ controlId: `still-${Date.now()}`, percent: "7.51", at: "20261124110000+0800" }),
    );
    await lau.awaitEntry((one) => fragmentsOf(one).some((json) => json.includes("7.51")));
    const cheung = gatewayOf(world, "hgh");
    const revoked = await fetch(`${cheung.url}/admin/credentials/revoke`, {
      method: "POST",
      headers: { authorization: `Bearer ${cheung.token}`, "content-type": "application/json" },
      body: JSON.stringify({ userId: lau.client.userId }),
    });
    expect(revoked.status).toBe(200);
    await until(() => chartWithout(ho, lau), 30_000, "the chart's keys did not turn over");
    await laboratory.send(
      hba1cMessage({ controlId: `gone-${Date.now()}`, percent: "7.52", at: "20261124111000+0800" }),
    );
    await ho.awaitEntry((one) => fragmentsOf(one).some((json) => json.includes("7.52")));
    laboratory.close();
    expect(lau.entries().some((one) => fragmentsOf(one).some((json) => json.includes("7.52")))).toBe(false);
  });
});

function ownGateway(person: TestPerson) {
  const credential = [...person.client.directory.orgs()].find((org) => org.credentials.has(person.client.userId));
  const [gateway] = credential?.gateways.keys() ?? [];
  if (gateway === undefined) throw new Error("an institution has a gateway");
  return gateway;
}

/** A chart that both read, whose newest epoch no longer has her. */
function chartWithout(reader: TestPerson, gone: TestPerson): true | undefined {
  const charts = reader.client
    .spaces()
    .flatMap((space) => space.comps)
    .filter((one) => one.state()?.tier === 2);
  const turned = charts.filter((one) => one.state()?.past.some((past) => past.userId === gone.client.userId));
  const all = turned.length > 0 && charts.every((one) => one.state()?.members.has(gone.client.userId) === false);
  return all ? true : undefined;
}
