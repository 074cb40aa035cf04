import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expectOk } from "@caseroom/contract";
import { z } from "zod";
import { type DemoPerson, staffIdOf } from "./demo-people.ts";
import type { GatewayAdmin } from "./gateway-admin.ts";
import { INSTITUTIONS, type InstitutionId, type WorldLayout } from "./world-layout.ts";

const FIXTURES = new URL("../../../../fixtures/patients/", import.meta.url).pathname;
const DELIVERY_MS = 120_000;
/** Who is in the seeded case from the start, as soon as they sign in. */
const TEAM = ["cheung", "ho", "wong", "lam", "lau", "mak"];
const delivery = z.object({ accepted: z.number().default(0) });
const institution = z.object({ orgId: z.string() });

/** People, patients and the case of the demo world. Every step can be repeated; what is done is not done again. */
export async function seedWorld(input: {
  readonly layout: WorldLayout;
  readonly people: readonly DemoPerson[];
  readonly admin: (id: InstitutionId) => GatewayAdmin;
  readonly say: (line: string) => void;
}): Promise<void> {
  const { layout, people, admin, say } = input;
  const done = join(layout.root, "seeded.json");
  if (existsSync(done)) return;
  say("registering the staff of three institutions");
  for (const person of people) {
    const { gateway, specialty, login, password, totpSecret, name, role } = person;
    const form = {
      login,
      password,
      totpSecret,
      name,
      role,
      staffId: staffIdOf(person),
      ...(specialty === undefined ? {} : { specialty }),
    };
    const added = await admin(gateway).post("/admin/staff", form);
    if (!added.ok && added.error.code !== "NAME_TAKEN") expectOk(added, "staff");
  }
  say("importing the sample patients");
  for (const patient of readdirSync(FIXTURES, { withFileTypes: true })) {
    if (!patient.isDirectory()) continue;
    for (const { id } of INSTITUTIONS) {
      const file = join(FIXTURES, patient.name, `${id}.json`);
      if (existsSync(file))
        expectOk(
          await admin(id).post("/admin/fhir", readFileSync(file, "utf8"), "application/fhir+json"),
          `import ${id}`,
        );
    }
  }
  await Promise.all(INSTITUTIONS.map(({ id }) => awaitDelivery(admin(id))));
  say("opening the case");
  const invite = people
    .filter((person) => TEAM.includes(person.login))
    .map((person) => ({
      orgId: orgIdOf(layout, person.gateway),
      staffId: staffIdOf(person),
      name: person.name,
      role: person.role,
    }));
  const caseForm = {
    name: "Chan Tai Man, cardiac surgery",
    patient: {
      name: "Chan Tai Man",
      birthDate: "1957-07-31",
      sex: "male",
      identifiers: [
        { system: "HKID", value: "A123456(3)" },
        { system: "CHC", value: "CHC-0042" },
        { system: "KDC", value: "KD-778812" },
      ],
    },
    invite,
  };
  expectOk(await admin("chc").post("/admin/cases", caseForm), "case");
  writeFileSync(done, JSON.stringify({ at: new Date().toISOString() }), { flush: true });
}

/** Until everything that was imported is sealed and at the hub. */
async function awaitDelivery(admin: GatewayAdmin): Promise<void> {
  const deadline = Date.now() + DELIVERY_MS;
  for (;;) {
    const state = delivery.safeParse(expectOk(await admin.get("/admin/delivery"), "delivery"));
    if (state.success && state.data.accepted === 0) return;
    if (Date.now() > deadline) throw new Error("the sample patients have not reached the hub; see the logs");
    await sleep(100);
  }
}

function orgIdOf(layout: WorldLayout, id: InstitutionId): string {
  return institution.parse(JSON.parse(readFileSync(join(layout.gateway(id), "institution.json"), "utf8"))).orgId;
}
