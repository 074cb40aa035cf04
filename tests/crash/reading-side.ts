import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isFhirResource } from "@caseroom/clinical";
import { type DemoWorld, fragmentsOf, gatewayOf, type TestPerson } from "@caseroom/testkit";
import { z } from "zod";
import { READING } from "./kill-target.ts";

/** How often each result has come, by its value. */
export type Counted = ReadonlyMap<string, number>;

const bundle = z.object({ entry: z.array(z.object({ resource: z.unknown() })).default([]) });

/** What a person's own device has opened and verified, of the results of one day. */
export function resultsOf(person: TestPerson, day: string): Counted {
  return count(person.entries().flatMap((one) => fragmentsOf(one).flatMap((json) => readResult(json, day) ?? [])));
}

/** What the reading institution's own systems are answered by its FHIR door, of the results of one day. */
export async function resultsAtDoor(world: DemoWorld, day: string): Promise<Counted> {
  const gateway = gatewayOf(world, READING);
  const query = `patient.identifier=KDC|KD-778812&code=http://loinc.org|4548-4&date=${day}&_count=1000`;
  try {
    const response = await fetch(`${gateway.fhir}/Observation?${query}`, {
      headers: { authorization: `Bearer ${gateway.token}` },
    });
    const text = await response.text();
    if (!response.ok) return new Map();
    // Every number as text, or 10.0010 would be read as 10.001.
    const resources = bundle.parse(JSON.parse(text.replaceAll(/"value":\s*(-?[\d.]+)/g, '"value":"$1"'))).entry;
    return count(resources.flatMap(({ resource }) => readResult(JSON.stringify(resource), day) ?? []));
  } catch {
    return new Map();
  }
}

/** Alarms that any gateway has written down. */
export function gatewayAlarms(world: DemoWorld): readonly string[] {
  return readdirSync(world.logs)
    .filter((name) => name.startsWith("gateway-"))
    .flatMap((name) => readFileSync(join(world.logs, name), "utf8").split("\n"))
    .filter((line) => line.includes('"event":"alarm"'));
}

function readResult(json: string, day: string): string | undefined {
  const resource: unknown = JSON.parse(json);
  const effective = isFhirResource(resource) ? resource.effectiveDateTime : undefined;
  if (typeof effective !== "string" || !effective.startsWith(day)) return undefined;
  return /"valueQuantity":\s*\{[^}]*"value":\s*"?(-?[\d.]+)/.exec(json)?.[1];
}

function count(values: readonly string[]): Counted {
  const counted = new Map<string, number>();
  for (const value of values) counted.set(value, (counted.get(value) ?? 0) + 1);
  return counted;
}
