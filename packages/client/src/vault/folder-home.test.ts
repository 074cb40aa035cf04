import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "@caseroom/contract";
import { afterEach, expect, it } from "vitest";
import { folderHome } from "./folder-home.ts";

const folder = mkdtempSync(join(tmpdir(), "caseroom-home-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("closes a folder that others could read, and lets the second of two programs that begin at once not replace the first one's keys", async () => {
  chmodSync(folder, 0o755);
  const [first, second] = await Promise.all([folderHome(folder).openVault("ho"), folderHome(folder).openVault("ho")]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const keys = await first.create(systemRandom);
  expect(keys.ok).toBe(true);
  expect(await second.create(systemRandom)).toMatchObject({ ok: false, error: { code: "LOCKED" } });
  const kept = await second.load();
  expect(kept?.signing.publicKey).toEqual(keys.ok ? keys.value.signing.publicKey : undefined);
  expect(readdirSync(folder)).toEqual(["ho.seeds"]);
});
