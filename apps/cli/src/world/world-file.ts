import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { demoPerson } from "./demo-people.ts";

/** The contract of world.json: how everything outside finds a running world. */
export const worldFile = z.object({
  /** The supervisor's process. */
  pid: z.number(),
  hub: z.object({ url: z.url(), dataPaths: z.array(z.string()), pid: z.number() }),
  gateways: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      url: z.url(),
      pid: z.number(),
      mllp: z.object({ host: z.string(), port: z.number() }),
      dicom: z.object({ host: z.string(), port: z.number(), aet: z.string() }),
      fhir: z.url(),
      dicomweb: z.url(),
      token: z.string(),
    }),
  ),
  people: z.array(demoPerson),
  logs: z.string(),
});
export type WorldFile = z.infer<typeof worldFile>;

export function writeWorldFile(path: string, world: WorldFile): void {
  writeFileSync(`${path}.new`, JSON.stringify(world, null, 2), { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

/** The world of a folder, or `undefined` when none is described there. */
export function readWorldFile(folder: string): WorldFile | undefined {
  try {
    return worldFile.parse(JSON.parse(readFileSync(join(folder, "world.json"), "utf8")));
  } catch {
    return undefined;
  }
}
