import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "@caseroom/client";
import { folderHome } from "@caseroom/client/node";
import { expectOk } from "@caseroom/contract";
import { createMllpSender, type DemoWorld, freshCode, gatewayOf, hba1cMessage, readDemoWorld } from "@caseroom/testkit";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { administer, openCaseAtClinic } from "./institution-for-testing.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
const EXAMPLES = join(REPOSITORY, "examples");
const running = readDemoWorld(inject("worldFolder"));
const clinic = gatewayOf(running, "chc");
/** Staff of their own, since the first device of a person is enrolled once. One for each script: a one-time code is good once. */
const LOGINS = ["reader-one", "reader-two", "reader-three", "reader-four"] as const;
const CASE = `Examples ${Date.now()}`;
let world: DemoWorld;

beforeAll(async () => {
  const folder = join(running.folder, "examples-world");
  mkdirSync(folder, { recursive: true });
  const people = LOGINS.map((login) => {
    const secret = createHash("sha256").update(`${running.folder}/${login}`).digest("hex").toUpperCase();
    const totpSecret = secret
      .replaceAll(/[^A-F2-7]/g, "")
      .padEnd(32, "A")
      .slice(0, 32);
    return {
      login,
      password: `${login}-of-the-clinic`,
      totpSecret,
      name: `Dr ${login}`,
      role: "nurse",
      gateway: "chc",
    };
  });
  writeFileSync(join(folder, "world.json"), JSON.stringify({ ...running, people }));
  world = readDemoWorld(folder);
  for (const { gateway, ...person } of people)
    await administer(running, gateway, "/admin/staff", { ...person, staffId: person.login });
  await openCaseAtClinic(running, CASE, LOGINS);
  await sendResult();
  for (const { login, password } of people) {
    const home = folderHome(join(folder, "programs"));
    const person = expectOk(
      await connect({ gateway: clinic.url, login, password, code: await freshCode(world, login), home }),
      "a first sign-in",
    );
    expectOk(
      await person.cases.find(({ spaceId }) => institutionsOf(person.cases.deposits(spaceId)).size === 2),
      "their case with both charts",
    );
    await person.close();

    function institutionsOf(deposits: ReturnType<typeof person.cases.deposits>) {
      return new Set(deposits.map(({ entry }) => person.nameOf(entry.author).institution));
    }
  }
});

/** A result of which a parsed and re-written number would lose a digit. */
async function sendResult(): Promise<void> {
  const laboratory = createMllpSender(gatewayOf(running, "kdc").mllp);
  const controlId = `exported-${Date.now()}`;
  const answer = await laboratory.send(hba1cMessage({ controlId, percent: "7.50", at: "20261120090000+0800" }));
  laboratory.close();
  expect(answer).toMatch(/^MSA\|AA\|/m);
}

/** A script as a stranger runs it. */
function start(name: string, ...words: string[]) {
  const child: ChildProcess = spawn(process.execPath, [join(EXAMPLES, `${name}.ts`), ...words], {
    env: { ...process.env, CASEROOM_WORLD: world.folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { out: "", err: "" };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output.out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    output.err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, output, ended };
}

async function run(name: string, ...words: string[]): Promise<string> {
  const { output, ended } = start(name, ...words);
  expect([await ended, output.err]).toEqual([0, expect.not.stringContaining("Error")]);
  return output.out;
}

describe("the examples", () => {
  it("are short enough to read in one look", () => {
    const scripts = readdirSync(EXAMPLES).filter((name) => name.endsWith(".ts"));
    expect(scripts.length).toBeGreaterThanOrEqual(6);
    for (const name of scripts) {
      const lines = readFileSync(join(EXAMPLES, name), "utf8").trimEnd().split("\n");
      expect.soft(lines.length, name).toBeLessThan(40);
    }
  });

  it("deposit a result at one institution, which a doctor of another sees as it comes, with the card that a colleague posts", async () => {
    const watcher = start("watch-case", "reader-one");
    const seen = (text: string) => expect.poll(() => watcher.output.out, { timeout: 60_000 }).toContain(text);
    await seen(`watching ${CASE}`);
    expect(await run("deposit-observation")).toContain("was read at Cheung Heart Clinic");
    await seen(`${CASE}: Kowloon Diagnostic Centre (Kowloon Diagnostic Centre): 1 FHIR resources`);
    expect(await run("post-trend-card", "reader-two")).toMatch(/^posted 6.8 % as entry \d+ of Examples/m);
    await seen(`${CASE}: Dr reader-two (Cheung Heart Clinic): Newest HbA1c`);
    watcher.child.kill("SIGINT");
    expect(await watcher.ended).toBe(0);
    expect(watcher.output.out).not.toContain("ALARM");
  });

  it("export the patient from every institution, with the decimals of the sources, and of nobody else", async () => {
    const text = await run("export-patient", "reader-three");
    // Not the text itself: a record is too long to be read in a failure.
    const bundle = JSON.parse(text) as { entry: { resource: { resourceType: string; birthDate?: string } }[] };
    expect(bundle.entry.length).toBeGreaterThan(20);
    const patients = bundle.entry.filter(({ resource }) => resource.resourceType === "Patient");
    expect(new Set(patients.map(({ resource }) => resource.birthDate))).toEqual(new Set(["1957-07-31"]));
    expect(text.includes('"value":7.50')).toBe(true);
  });

  it("find everything proven by the log", async () => {
    const text = await run("verify-log", "reader-four");
    expect(text).toMatch(/^log of \d+ lines, root [0-9a-f]{64}$/m);
    expect(text).toMatch(/: (\d+) of \1 entries and links proven/);
    expect(text).not.toContain("ALARM");
  });
});
