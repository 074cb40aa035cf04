import { createMemoryStore } from "@caseroom/client";
import {
  type Bytes,
  type CompId,
  type ErrorCode,
  equalBytes,
  InvariantError,
  type SpaceId,
  spacesList,
} from "@caseroom/contract";
import { asArray, asBytes, asText, decodeStrict } from "@caseroom/crypto/verify";
import { chatText, type LyingProxy, startLyingProxy, type TestPerson, until } from "@caseroom/testkit";
import { expect } from "vitest";
import en from "../../apps/web/src/messages/en.json" with { type: "json" };
import { alarmWords } from "../../apps/web/src/messages/failure-words.ts";

/** A person whose every word with the hub passes through somebody who may lie. */
export type Victim = {
  readonly person: TestPerson;
  readonly proxy: LyingProxy;
  /** What was said in a room, as far as the person was shown it. */
  readonly texts: (room: CompId) => readonly string[];
  readonly mustHear: (room: CompId, text: string) => Promise<void>;
  /** Waits until the person's own device has said it, with the proof kept and with words that a person understands. */
  readonly mustAlarm: (code: ErrorCode, evidence?: Bytes) => Promise<void>;
};

const ALARM_MS = 20_000;

/** Runs with a person who starts anew, hears the lies that are prepared, and goes away afterwards. */
export async function withVictim(
  world: { readonly hubUrl: string; readonly victim: TestPerson; readonly spaceId: SpaceId | undefined },
  prepare: (proxy: LyingProxy) => void,
  run: (victim: Victim) => Promise<void>,
  clock?: () => number,
): Promise<void> {
  const proxy = await startLyingProxy(world.hubUrl);
  // The person's other cases have nothing to do with it, and opening them takes its time.
  const isAsked = (spaceId: SpaceId) => world.spaceId === undefined || spaceId === world.spaceId;
  proxy.lie(spacesList, (reply) => ({
    ...reply,
    head: { spaces: reply.head.spaces.filter((one) => isAsked(one.spaceId)) },
  }));
  prepare(proxy);
  const store = createMemoryStore();
  const nowMs = clock === undefined ? {} : { nowMs: clock };
  const person = await world.victim.again({ hubUrl: proxy.url, store, ...nowMs });
  const mustAlarm: Victim["mustAlarm"] = async (code, evidence) => {
    const alarm = () => person.client.alarms().find((one) => one.code === code);
    const codes = () =>
      person.client
        .alarms()
        .map((one) => `${one.code} ${one.detail ?? ""}`)
        .join(", ");
    await until(alarm, ALARM_MS, "no alarm").catch(() => {
      throw new InvariantError(`no ${code}, but: ${codes()}`);
    });
    expect((await keptEvidence(person, code, evidence)).length, `evidence of ${code}`).toBeGreaterThan(0);
    const words = en.failure[alarmWords(code)];
    expect(words.what.length).toBeGreaterThan(10);
    expect(words.do.length).toBeGreaterThan(5);
  };
  const texts: Victim["texts"] = (room) =>
    person.entries().flatMap((one) => {
      const text = one.compId === room ? chatText(one) : undefined;
      return text === undefined ? [] : [text];
    });
  const mustHear: Victim["mustHear"] = async (room, text) => {
    await person.awaitEntry((one) => one.compId === room && chatText(one) === text);
  };
  try {
    await run({ person, proxy, texts, mustHear, mustAlarm });
  } finally {
    await person.stop();
    await proxy.close();
  }
}

/** Rows of the device's evidence for a code; with `wanted`, only those that hold these very bytes. */
async function keptEvidence(person: TestPerson, code: ErrorCode, wanted: Bytes | undefined): Promise<readonly Bytes[]> {
  // An alarm is told before its evidence is kept.
  for (let i = 0; ; i++) {
    const rows = await person.store.range("evidence", { prefix: "" });
    const found = rows.flatMap(({ value }) => {
      const decoded = decodeStrict(value);
      const parts = decoded.ok ? asArray(decoded.value) : undefined;
      const bytes = asBytes(parts?.[5]);
      const fits = asText(parts?.[0]) === code && bytes !== undefined;
      return fits && (wanted === undefined || equalBytes(bytes, wanted)) ? [bytes] : [];
    });
    if (found.length > 0 || i > 100) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
