import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { err, failure, ok, systemRandom, toBytes } from "@caseroom/contract";
import type { DeviceVault } from "../device-home.ts";
import { keysFromSeeds, SEED_VAULT_BYTES } from "./seed-vault.ts";

/** The keys of a program's device as seeds in a file of mode 0600. RangeError when the file is something else. */
export function openFileVault(path: string): DeviceVault {
  const load: DeviceVault["load"] = async () =>
    existsSync(path) ? keysFromSeeds(toBytes(readFileSync(path)), "program", systemRandom) : undefined;
  return {
    load,
    create: async (random) => {
      const unfinished = `${path}.${process.pid}.new`;
      rmSync(unfinished, { force: true });
      const file = openSync(unfinished, "wx", 0o600);
      writeSync(file, random(SEED_VAULT_BYTES));
      fsyncSync(file);
      closeSync(file);
      try {
        // Fails where another program was first: its device may be enrolled already, and its keys must not be replaced.
        linkSync(unfinished, path);
      } catch {
        return err(failure("LOCKED"));
      } finally {
        rmSync(unfinished, { force: true });
      }
      const keys = await load();
      return keys === undefined ? err(failure("STORE_FAILED")) : ok(keys);
    },
    clear: async () => rmSync(path, { force: true }),
    close: () => undefined,
  };
}
