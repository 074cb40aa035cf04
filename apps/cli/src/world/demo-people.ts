import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { newPassword, newTotpSecret } from "../people/new-secrets.ts";
import type { InstitutionId } from "./world-layout.ts";

/** The staff of the demo world. Passwords and secrets are made anew for every world; they stand in its world.json. */
const PEOPLE: readonly {
  readonly login: string;
  readonly name: string;
  readonly role: string;
  readonly specialty?: string;
  readonly gateway: InstitutionId;
}[] = [
  { login: "wong", name: "Dr Wong Ka Yan", role: "attending", specialty: "Cardiac surgery", gateway: "hgh" },
  { login: "lam", name: "Dr Lam Tsz Hin", role: "intern", gateway: "hgh" },
  { login: "lau", name: "Lau Mei Fong", role: "nurse", specialty: "Cardiac ward", gateway: "hgh" },
  {
    login: "yip",
    name: "Dr Yip Chun Kit",
    role: "emergency physician",
    specialty: "Accident & Emergency",
    gateway: "hgh",
  },
  { login: "cheung", name: "Dr Cheung Wai Lam", role: "cardiologist", specialty: "Cardiology", gateway: "chc" },
  { login: "ho", name: "Ho Siu Wan", role: "nurse", gateway: "chc" },
  { login: "tang", name: "Tang Kwok Keung", role: "technologist", gateway: "kdc" },
  { login: "mak", name: "Dr Mak Pui Shan", role: "radiologist", specialty: "Radiology", gateway: "kdc" },
];

export const demoPerson = z.object({
  login: z.string(),
  password: z.string(),
  totpSecret: z.string(),
  name: z.string(),
  role: z.string(),
  specialty: z.string().optional(),
  gateway: z.enum(["hgh", "chc", "kdc"]),
});
export type DemoPerson = z.infer<typeof demoPerson>;

/** The people of this world: made at its first start, the same ever after. */
export function openPeople(file: string): readonly DemoPerson[] {
  if (existsSync(file)) return z.array(demoPerson).parse(JSON.parse(readFileSync(file, "utf8")));
  const people = PEOPLE.map((person) => ({ ...person, password: newPassword(), totpSecret: newTotpSecret() }));
  writeFileSync(file, JSON.stringify(people, null, 2), { mode: 0o600, flush: true });
  return people;
}

export function staffIdOf(person: { readonly gateway: string; readonly login: string }): string {
  return `${person.gateway.toUpperCase()}-${person.login}`;
}
