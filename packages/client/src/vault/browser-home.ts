import { ok } from "@caseroom/contract";
import type { DeviceHome } from "../device-home.ts";
import { openIndexedDbStore } from "../store/indexeddb-store.ts";
import { openBrowserVault } from "./browser-vault.ts";

/** This browser as a device, in the IndexedDB of the page's origin: keys cannot be exported, everything else lies there sealed as it came. */
export const browserHome: DeviceHome = {
  openVault: (login) => openBrowserVault(`caseroom-vault/${login}`),
  openStore: async (userId) => ok(await openIndexedDbStore(`caseroom/${userId}`)),
};
