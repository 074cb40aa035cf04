import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DeviceHome } from "../device-home.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { openFileVault } from "./file-vault.ts";

/**
 * A folder as the home of a program's device (made when it is not there, and closed to everybody else): who can read it is the device. One folder serves several
 * people; a copy that is used beside the original is noticed by every reader as a device that says two things at once.
 */
export function folderHome(folder: string): DeviceHome {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // A folder that was there may be open to others, and the store's files are as open as the folder.
  chmodSync(folder, 0o700);
  return {
    openVault: async (login) => openFileVault(join(folder, `${encodeURIComponent(login)}.seeds`)),
    openStore: async (userId) => openSqliteStore(join(folder, `${userId}.sqlite`)),
  };
}
