import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** The institutions of the demo world. */
export const INSTITUTIONS = [
  { id: "hgh", name: "Harbour General Hospital" },
  { id: "chc", name: "Cheung Heart Clinic" },
  { id: "kdc", name: "Kowloon Diagnostic Centre" },
] as const;
export type InstitutionId = (typeof INSTITUTIONS)[number]["id"];

/** Where everything of a world lies: {hub, gateways/<id>, logs}, and what belongs to the consortium's officers alone. */
export type WorldLayout = {
  readonly root: string;
  readonly hub: string;
  readonly logs: string;
  readonly consortium: string;
  readonly worldFile: string;
  readonly gateway: (id: InstitutionId) => string;
};

export function openLayout(dataDir: string): WorldLayout {
  const root = resolve(dataDir);
  const layout: WorldLayout = {
    root,
    hub: join(root, "hub"),
    logs: join(root, "logs"),
    consortium: join(root, "consortium"),
    worldFile: join(root, "world.json"),
    gateway: (id) => join(root, "gateways", id),
  };
  // PostgreSQL, which as root runs under a user of its own, must be able to walk to its folders.
  for (const folder of [
    root,
    layout.hub,
    layout.logs,
    join(root, "gateways"),
    ...INSTITUTIONS.map(({ id }) => layout.gateway(id)),
  ]) {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  }
  mkdirSync(layout.consortium, { recursive: true, mode: 0o700 });
  return layout;
}

/** All ports of a world, from one base. */
export type WorldPorts = {
  readonly hub: number;
  readonly hubPostgres: number;
  readonly gateway: (id: InstitutionId) => {
    readonly http: number;
    readonly mllp: number;
    readonly dicom: number;
    readonly postgres: number;
  };
};

export function portsFrom(base: number): WorldPorts {
  const indexOf = (id: InstitutionId) => 1 + INSTITUTIONS.findIndex((one) => one.id === id);
  return {
    hub: base,
    hubPostgres: base + 40,
    gateway: (id) => ({
      http: base + indexOf(id),
      mllp: base + 20 + indexOf(id),
      dicom: base + 30 + indexOf(id),
      postgres: base + 40 + indexOf(id),
    }),
  };
}
