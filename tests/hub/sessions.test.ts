import { beginSignIn, finishSignIn } from "@caseroom/client";
import {
  bytesToBase64url,
  devicesDismiss,
  devicesPending,
  devicesRequest,
  directoryPeople,
  expectOk,
  sessionsEnd,
  sessionsFinish,
  spacesList,
  systemRandom,
} from "@caseroom/contract";
import { signingKeyFromSeed } from "@caseroom/crypto/sign";
import { signSession } from "@caseroom/space/sign";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PASSWORD, startTestHub, type TestHub, type TestPerson } from "./hub-for-testing.ts";

let hub: TestHub;
let cheung: TestPerson;
const STEP_MS = 30_000;

beforeAll(async () => {
  hub = await startTestHub();
  cheung = await hub.addPerson("cheung");
}, 60_000);
afterAll(() => hub.stop());

const begin = async (login: string, password: string, code: string) =>
  beginSignIn(hub.anonymous, { login, password, code });

describe("signing in", () => {
  it("takes the password and the code, and does not say which was wrong", async () => {
    hub.passMs(2 * STEP_MS);
    const code = await hub.codeNow();
    const wrongCode = code === "000000" ? "000001" : "000000";
    const refused = { ok: false, error: { code: "SIGN_IN_FAILED" } };
    expect(await begin("cheung", "guess", code)).toMatchObject(refused);
    expect(await begin("cheung", PASSWORD, wrongCode)).toMatchObject(refused);
    expect(await begin("nobody", PASSWORD, code)).toMatchObject(refused);
    expectOk(await begin("cheung", PASSWORD, code), "both");
  });

  it("takes the device as well: password and code alone are no session", async () => {
    hub.passMs(2 * STEP_MS);
    const begun = expectOk(await begin("cheung", PASSWORD, await hub.codeNow()), "begin");
    const { consortiumId, anonymous } = hub;
    const stranger = await signingKeyFromSeed(systemRandom(32));
    expect(await finishSignIn(anonymous, { begun, signing: stranger, consortiumId })).toMatchObject({
      error: { code: "DEVICE_NOT_ENROLLED" },
    });
    const colleague = await hub.addPerson("wong");
    expect(await finishSignIn(anonymous, { begun, signing: colleague.device.signing, consortiumId })).toMatchObject({
      error: { code: "SIGN_IN_FAILED" },
    });
    const { signing } = cheung.device;
    const elsewhere = await signSession(
      { key: signing, consortiumId },
      { challenge: begun.challenge, audience: "https://evil.example" },
    );
    const call = { token: begun.signInToken, head: { statement: bytesToBase64url(elsewhere) } };
    expect(await anonymous.call(sessionsFinish, call)).toMatchObject({ error: { code: "SIGN_IN_FAILED" } });
    expectOk(await finishSignIn(anonymous, { begun, signing, consortiumId }), "all three");
    // One sign-in is one session.
    expect((await finishSignIn(anonymous, { begun, signing, consortiumId })).ok).toBe(false);
  });

  it("accepts a code once, and none that is older", async () => {
    hub.passMs(3 * STEP_MS);
    const [older, code] = [await hub.codeNow(-1), await hub.codeNow()];
    expectOk(await begin("cheung", PASSWORD, code), "first");
    const refused = { ok: false, error: { code: "SIGN_IN_FAILED" } };
    expect(await begin("cheung", PASSWORD, code)).toMatchObject(refused);
    expect(await begin("cheung", PASSWORD, older)).toMatchObject(refused);
  });

  it("is slowed down for a login that is being guessed", async () => {
    await hub.addAccount("ho");
    const tries = await Promise.all(Array.from({ length: 12 }, () => begin("ho", "guess", "000000")));
    expect(tries.map((one) => (one.ok ? "" : one.error.code))).toContain("TOO_MANY_REQUESTS");
  });

  it("by the device alone is for gateways", async () => {
    expect(await beginSignIn(hub.anonymous, { kid: cheung.device.signing.kid })).toMatchObject({
      error: { code: "DEVICE_NOT_ENROLLED" },
    });
  });

  it("waits for the institution's credential", async () => {
    await hub.addAccount("lau");
    const user = await hub.newUser("person");
    expectOk(await hub.post(user.draft, { ticket: await hub.ticketFor(user.userId, Date.now() + 600_000) }), "user");
    hub.passMs(2 * STEP_MS);
    const begun = expectOk(await begin("lau", PASSWORD, await hub.codeNow()), "begin");
    const finish = () =>
      finishSignIn(hub.anonymous, { begun, signing: user.device.signing, consortiumId: hub.consortiumId });
    expect(await finish()).toMatchObject({ error: { code: "ENROLMENT_PENDING" } });
    await hub.signForOrg({ op: "cred.issue", userId: user.userId, staffId: "lau", name: "Dr lau", role: "nurse" });
    expect(await finish()).toMatchObject({ ok: true, value: { userId: user.userId } });
  });
});

describe("a further device", () => {
  it("asks with password and code, and only its own person sees and dismisses the request", async () => {
    const person = await hub.addPerson("tam");
    const other = await hub.addPerson("yip");
    hub.passMs(2 * STEP_MS);
    const begun = expectOk(await begin("tam", PASSWORD, await hub.codeNow()), "begin");
    expect(begun.account?.userId).toBe(person.userId);
    expect(begun.account?.userHead?.hash).toBe(hub.directory.user(person.userId)?.head.hash);
    const request = systemRandom(64);
    const call = { token: begun.signInToken, head: { request: bytesToBase64url(request) } };
    const { requestId } = expectOk(await hub.anonymous.call(devicesRequest, call), "request").head;
    const pending = async (who: TestPerson) =>
      expectOk(await who.api.call(devicesPending, {}), "pending").head.requests;
    expect(await pending(person)).toMatchObject([{ requestId, request }]);
    expect(await pending(other)).toEqual([]);
    const params = { requestId };
    expect(await other.api.call(devicesDismiss, { params })).toMatchObject({ error: { code: "NOT_FOUND" } });
    expectOk(await person.api.call(devicesDismiss, { params }), "dismiss");
    expect(await pending(person)).toEqual([]);
  });
});

describe("the directory of people", () => {
  it("is found by name, specialty and institution", async () => {
    const person = await hub.addPerson("kwok");
    const search = async (q: string) =>
      expectOk(await person.api.call(directoryPeople, { query: { q } }), "people").head.people;
    expect(await search("KWOK cardiology harbour")).toMatchObject([{ staffId: "kwok", userId: person.userId }]);
    expect(await search("kwok neurology")).toEqual([]);
  });
});

describe("a session", () => {
  it("survives a restart, ends at sign-out and after twelve hours, and is stored only as a hash", async () => {
    const person = await hub.addPerson("chan");
    const ask = () => person.api.call(spacesList, {});
    await hub.restart();
    expectOk(await ask(), "after the restart");
    const rows = await hub.sql`SELECT * FROM sessions`;
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(person.token, "base64url").toString("hex"));
    expectOk(await person.api.call(sessionsEnd, {}), "sign out");
    expect(await ask()).toMatchObject({ error: { code: "SESSION_EXPIRED" } });

    hub.passMs(2 * STEP_MS);
    await hub.enter(person, { login: "chan", password: PASSWORD, code: await hub.codeNow() });
    expectOk(await ask(), "anew");
    hub.passMs(12 * 3_600_000);
    expect(await ask()).toMatchObject({ error: { code: "SESSION_EXPIRED" } });
  });
});
