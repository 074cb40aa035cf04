import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadProfiles } from "./sender-profiles.ts";

const folder = mkdtempSync(join(tmpdir(), "caseroom-senders-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string) {
  const file = join(folder, "senders.json");
  writeFileSync(file, text);
  return loadProfiles(file);
}

describe("the file about an institution's senders", () => {
  it("is what docs/senders.md shows", () => {
    const docs = readFileSync(new URL("../../../../../docs/senders.md", import.meta.url), "utf8");
    const [, example = ""] = /```json\n([\s\S]*?)```/.exec(docs) ?? [];
    expect(load(example)).toMatchObject([{ application: "LIS", zone: "Asia/Hong_Kong", codes: [{ code: "K" }] }]);
    expect(loadProfiles(undefined)).toEqual([]);
  });

  it("stops a gateway that would read with a wrong one, and says what is wrong", () => {
    expect(() => load("[{")).toThrow("CASEROOM_GATEWAY_SENDERS");
    expect(() => load('[{ "zone": "Hongkong time" }]')).toThrow(/profile 1: zone/);
  });
});
