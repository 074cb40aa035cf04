import {
  err,
  type Failure,
  failure,
  type GatewayConfig,
  ok,
  type Result,
  sessionsEnd,
  systemRandom,
} from "@caseroom/contract";
import { type Cases, followCases } from "./cases/cases.ts";
import { type Client, createClient } from "./client.ts";
import type { Listener } from "./client-events.ts";
import type { DeviceHome } from "./device-home.ts";
import { createGatewayApi, type StaffApi } from "./gateway-api.ts";
import { createHubApi, type HubApi } from "./hub-api.ts";
import { type NameBook, openNameBook } from "./name-book.ts";
import type { Account } from "./session.ts";
import { type SignInOutcome, signIn } from "./sign-in.ts";
import type { SignInForm } from "./sign-in-form.ts";

export type ConnectOptions = SignInForm & {
  /** Address of the person's own institution's gateway. Who serves it is believed about whom to trust; everything else is proven. */
  readonly gateway: string;
  /** `folderHome` of `@caseroom/client/node`, or `browserHome` of `@caseroom/client/browser`. */
  readonly home: DeviceHome;
  /** Hears everything from the beginning: what this device has kept, what is new, and what comes later. */
  readonly listener?: Listener;
  /**
   * Somebody has to approve this device: shown to the person, while `connect` waits up to five minutes. Without it `connect` ends at once
   * with ENROLMENT_PENDING.
   */
  readonly onWaiting?: (outcome: Exclude<SignInOutcome, { readonly status: "ready" }>) => void;
};

/** A person's device, signed in and up to date. */
export type Connection = {
  readonly client: Client;
  /** The cases that the person is in, and the records of their patients. */
  readonly cases: Cases;
  /** Who somebody is, by the word of their institution. */
  readonly nameOf: NameBook;
  /** The hub's operations, for what the client does not do by itself. */
  readonly hub: HubApi;
  /** The institution's own doors for its staff. */
  readonly staff: StaffApi;
  readonly config: GatewayConfig;
  readonly account: Account;
  /** When the bearer ends (milliseconds since the epoch): then a person signs in again. */
  readonly expiresMs: number;
  /** Signs out and lets go of everything; what is kept stays for the next time. */
  readonly close: () => Promise<void>;
};

/**
 * Signs a person in with this device and follows everything they may read: the one entrance for programs. A first device is enrolled on the way
 * (phase-1 §2.5). Resolves when everything that the hub has is here, checked and opened.
 *
 * Fails with SIGN_IN_FAILED (login, password or code, without saying which), TOO_MANY_REQUESTS, ENROLMENT_PENDING, DEVICE_REVOKED, LOCKED
 * (another program is this device), STORE_FAILED, OFFLINE.
 */
export async function connect(options: ConnectOptions): Promise<Result<Connection, Failure>> {
  const { gateway, home, login, password, code } = options;
  const gatewayApi = createGatewayApi({ origin: new URL(gateway).origin, fetch });
  const config = await gatewayApi.config();
  if (!config.ok) return config;
  const { consortiumId, hubUrl } = config.value;
  let bearer: string | undefined;
  const token = () => bearer;
  const hub = createHubApi({ baseUrl: hubUrl, fetch, token });
  const nowMs = () => Date.now();
  const deps = { api: hub, gateway: gatewayApi, config: config.value, home, nowMs, random: systemRandom };
  const attempt = await signIn(deps, { login, password, code });
  if (!attempt.ok) return attempt;
  const { outcome } = attempt.value;
  if (outcome.status !== "ready") {
    if (options.onWaiting === undefined) return err(failure("ENROLMENT_PENDING"));
    options.onWaiting(outcome);
  }
  const device = await attempt.value.device(() => true);
  if (device === undefined) return err(failure("ENROLMENT_PENDING"));
  const { account, keys, session } = device;
  bearer = session.token;
  const store = await home.openStore(account.userId);
  if (!store.ok) {
    await hub.call(sessionsEnd, {});
    return store;
  }
  const client = await createClient({
    api: hub,
    store: store.value,
    keys,
    userId: account.userId,
    consortiumId,
    token,
    openSocket: (url, protocols) => new WebSocket(url, protocols),
    nowMs,
    random: systemRandom,
    openedEntries: "memory",
  });
  const cases = followCases(client, nowMs);
  if (options.listener !== undefined) client.subscribe(options.listener);
  const close = async () => {
    await client.stop();
    await hub.call(sessionsEnd, {});
    await store.value.close();
  };
  const started = await client.start();
  if (!started.ok) {
    await close();
    return started;
  }
  const staff = gatewayApi.asStaff({ userId: account.userId, signing: keys.signing, consortiumId });
  const nameOf: NameBook = (userId) => openNameBook(client.directory, nowMs())(userId);
  return ok({ client, cases, nameOf, hub, staff, config: config.value, account, expiresMs: session.expiresMs, close });
}
