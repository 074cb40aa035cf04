import type { Failure, Random, Result, UserId } from "@caseroom/contract";
import type { DeviceKeys } from "./device-keys.ts";
import type { Store } from "./store/store.ts";

/**
 * Where this device of a person lives: its keys, and all that it must not forget. Both in one place, because a device that still had its keys
 * and no longer knew what it said last would be refused by every reader (phase-1 §2.20).
 */
export type DeviceHome = {
  readonly openVault: (login: string) => Promise<DeviceVault>;
  /** LOCKED while another program is this device. */
  readonly openStore: (userId: UserId) => Promise<Result<Store, Failure<"LOCKED" | "STORE_FAILED">>>;
};

/** Keeps the keys of one device. */
export type DeviceVault = {
  readonly load: () => Promise<DeviceKeys | undefined>;
  /** New keys, kept before anybody relies on them. LOCKED where another program of this home was first. */
  readonly create: (random: Random) => Promise<Result<DeviceKeys, Failure<"STORE_FAILED" | "LOCKED">>>;
  /** For keys that will never speak again. */
  readonly clear: () => Promise<void>;
  readonly close: () => void;
};
