/** A system of an institution deposits a laboratory result; its gateway seals it for everyone who may read the patient's chart. */
import { setTimeout as sleep } from "node:timers/promises";
import { gatewayOf } from "@caseroom/testkit";
import { world } from "./demo-person.ts";

const laboratory = gatewayOf(world, "kdc");
const clinic = gatewayOf(world, "chc");
const number = `example-${Date.now()}`;
const chan = { resourceType: "Patient", identifier: [{ system: "KDC", value: "KD-778812" }], birthDate: "1957-07-31" };
const observation = {
  resourceType: "Observation",
  status: "final",
  identifier: [{ system: "urn:example:results", value: number }],
  code: { coding: [{ system: "http://loinc.org", code: "4548-4" }], text: "HbA1c" },
  subject: { reference: "urn:uuid:chan" },
  effectiveDateTime: new Date().toISOString(),
  valueQuantity: { value: 6.8, unit: "%", system: "http://unitsofmeasure.org", code: "%" },
};
const entry = Object.entries({ chan, observation }).map(([name, resource]) => {
  return { fullUrl: `urn:uuid:${name}`, resource, request: { method: "POST", url: resource.resourceType } };
});
const deposited = await fetch(laboratory.fhir, {
  method: "POST",
  headers: { authorization: `Bearer ${laboratory.token}`, "content-type": "application/fhir+json" },
  body: JSON.stringify({ resourceType: "Bundle", type: "transaction", entry }),
});
if (!deposited.ok) throw new Error(`refused: ${await deposited.text()}`);

// Another institution's systems find it at their own gateway.
const search = `${clinic.fhir}/Observation?identifier=${encodeURIComponent(`urn:example:results|${number}`)}`;
for (;;) {
  const reply = await fetch(search, { headers: { authorization: `Bearer ${clinic.token}` } });
  if ((await reply.text()).includes(number)) break;
  await sleep(200);
}
console.log(`${number} stands in the record of ${laboratory.name} and was read at ${clinic.name}`);
