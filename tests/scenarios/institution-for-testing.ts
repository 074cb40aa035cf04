import { gatewayConfig, type OrgId } from "@caseroom/contract";
import { type DemoWorld, gatewayOf } from "@caseroom/testkit";

/** A form that an institution's own administration sends to its gateway; what is there already stays. */
export async function administer(world: DemoWorld, gatewayId: string, path: string, form: object): Promise<void> {
  const gateway = gatewayOf(world, gatewayId);
  const response = await fetch(new URL(path, gateway.url), {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.token}`, "content-type": "application/json" },
    body: JSON.stringify(form),
  });
  if (!response.ok && response.status !== 409) throw new Error(`${path}: ${response.status}`);
}

/** A case about Chan Tai Man, opened by the clinic for these of its staff; the laboratory's gateway is in it and links its chart. */
export async function openCaseAtClinic(world: DemoWorld, name: string, staffIds: readonly string[]): Promise<void> {
  const absent = { orgId: await orgIdOf(world, "kdc"), staffId: "absent", name: "Nobody", role: "technologist" };
  const orgId = await orgIdOf(world, "chc");
  const invited = staffIds.map((staffId) => ({ orgId, staffId, name: `Dr ${staffId}`, role: "nurse" }));
  const identifiers = [
    { system: "CHC", value: "CHC-0042" },
    { system: "KDC", value: "KD-778812" },
  ];
  const patient = { name: "Chan Tai Man", birthDate: "1957-07-31", identifiers };
  await administer(world, "chc", "/admin/cases", { name, patient, invite: [absent, ...invited] });
}

async function orgIdOf(world: DemoWorld, gatewayId: string): Promise<OrgId> {
  const response = await fetch(`${gatewayOf(world, gatewayId).url}/config.json`);
  return gatewayConfig.parse(await response.json()).gateway.orgId;
}
