import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quarantineItem } from "@caseroom/contract";
import {
  createMllpSender,
  fragmentsOf,
  gatewayOf,
  hba1cMessage,
  readDemoWorld,
  signInPerson,
  type TestPerson,
} from "@caseroom/testkit";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

const world = readDemoWorld(inject("worldFolder"));
const REPOSITORY = join(import.meta.dirname, "../..");
let lam: TestPerson;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "caseroom-quarantine-"));
  lam = await signInPerson(world, "lam");
});
afterAll(async () => {
  await lam?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function quarantine(verb: string, ...words: string[]) {
  const script = join(REPOSITORY, "apps/cli/src/main.ts");
  const args = ["quarantine", verb, "--world", world.folder, "--gateway", "kdc", ...words];
  return spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...args], {
    encoding: "utf8",
    cwd: REPOSITORY,
  });
}
const waiting = () =>
  quarantine("list", "--json")
    .stdout.split("\n")
    .flatMap((line) => (line === "" ? [] : [quarantineItem.parse(JSON.parse(line))]));

describe("a laboratory result with another birth date", () => {
  it("is repaired on the command line, replayed, and opened by another institution's doctor", async () => {
    const laboratory = createMllpSender(gatewayOf(world, "kdc").mllp);
    const patient = "PID|1||KD-778812^^^KDC^MR||Chan^Tai Man||19590731|M";
    const controlId = `repaired-${Date.now()}`;
    const message = hba1cMessage({ controlId, percent: "8.125", at: "20261124113000+0800", patient });
    expect(await laboratory.send(message)).toMatch(/^MSA\|AE\|/m);
    laboratory.close();
    const [item] = waiting();
    expect(item).toMatchObject({ source: "hl7v2", sender: "LIS|KDC", why: "birth-date", place: "PID-7" });
    const id = item?.id ?? "";
    const file = join(folder, "message.hl7");
    const shown = quarantine("show", id, "--save", file);
    expect(shown.stdout).toContain(
      "PID-7: another birth date than on record (it says 1959-07-31, the record 1957-07-31)",
    );
    expect(readFileSync(file, "utf8")).toBe(message);

    const refused = quarantine("replay", id);
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining("still contradicts the record")]);
    writeFileSync(file, message.replace("19590731", "19570731"));
    expect(quarantine("repair", id, file).stdout).toContain("version 2 is kept");
    expect(quarantine("replay", id).status).toBe(0);
    expect(waiting().some((one) => one.id === id)).toBe(false);

    const received = await lam.awaitEntry((one) => fragmentsOf(one).some((json) => json.includes("8.125")));
    expect(received.entry.provenance).toMatchObject({ sourceId: controlId });
    expect(received.entry.provenance?.originalType).toContain("repaired");
  });

  it("is discarded for a reason, and says how a command is used when it is used otherwise", async () => {
    const laboratory = createMllpSender(gatewayOf(world, "kdc").mllp);
    expect(await laboratory.send("neither a message nor anything else")).toMatch(/^MSA\|AR\|/m);
    laboratory.close();
    const id = waiting().find(({ why }) => why === "unreadable")?.id ?? "";
    expect(quarantine("discard", id).status).toBe(2);
    expect(quarantine("discard", id, "--reason", "a test of the line").status).toBe(0);
    expect(quarantine("show", id).stdout).toContain("discarded version 1 by administration: a test of the line");
    expect(quarantine("show", "999999").status).toBe(1);
    expect(quarantine("show", "one").status).toBe(2);
    expect(quarantine("list", "--reason", "x").status).toBe(2);
    expect(quarantine("list", "--help").stdout).toContain("Example:");
  });
});
