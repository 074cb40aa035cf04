import { createHubApi } from "@caseroom/client";
import { concatBytes, toBytes } from "@caseroom/contract";
import { appendLeaf, edgeRoot, emptyEdge, leafHash } from "@caseroom/crypto/verify";
import { describe, expect, it } from "vitest";
import { replayLog } from "./replay-log.ts";

const lines = Array.from({ length: 700 }, (_, i) => leafHash(toBytes([i & 255, i >> 8])));

function stateAt(size: number, hashes = lines) {
  return { size, root: edgeRoot(hashes.slice(0, size).reduce(appendLeaf, emptyEdge)) };
}

function hubWith(hashes: readonly Uint8Array[]) {
  const serve: typeof fetch = async (input) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const from = Number(url.pathname.split("/").at(-1)) * 256;
    return new Response(concatBytes(...hashes.slice(from, from + Number(url.searchParams.get("width")))));
  };
  return createHubApi({ baseUrl: "http://hub.example", fetch: serve, token: () => undefined });
}

const changed = lines.with(300, leafHash(toBytes([9, 9, 9])));

describe("an auditor who reads the whole log", () => {
  it("finds that it makes the signed root and continues what was seen before", async () => {
    expect(await replayLog(hubWith(lines), stateAt(700), stateAt(256), () => undefined)).toEqual({ ok: true });
    expect(await replayLog(hubWith(lines), stateAt(700), undefined, () => undefined)).toEqual({ ok: true });
    expect(await replayLog(hubWith([]), stateAt(0), stateAt(0), () => undefined)).toEqual({ ok: true });
  });

  it("finds a line that was changed since, although the new checkpoint fits it", async () => {
    const result = await replayLog(hubWith(changed), stateAt(700, changed), stateAt(512), () => undefined);
    expect(result).toMatchObject({ ok: false, error: { code: "FORK" } });
  });

  it("finds a checkpoint that the lines do not make, a log that has shrunk, and one that is not handed out", async () => {
    const refuses = async (hub: ReturnType<typeof hubWith>, now: ReturnType<typeof stateAt>, code: string) =>
      expect(await replayLog(hub, now, stateAt(256), () => undefined)).toMatchObject({ ok: false, error: { code } });
    await refuses(hubWith(changed), stateAt(700), "PROOF_INVALID");
    await refuses(hubWith(lines), stateAt(100), "ROLLBACK");
    await refuses(hubWith(lines.slice(0, 600)), stateAt(700), "PROOF_INVALID");
  });
});
