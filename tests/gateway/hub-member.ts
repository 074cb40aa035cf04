import {
  type Client,
  createClient,
  createHubApi,
  createMemoryStore,
  type DeviceKeys,
  type HubApi,
  type ReceivedEntry,
} from "@caseroom/client";
import { err, failure, ok, systemRandom } from "@caseroom/contract";
import { WebSocket } from "ws";
import type { TestHub, TestPerson } from "../hub/hub-for-testing.ts";

/** What it has received, and how often it called each operation. */
export type Member = {
  readonly client: Client;
  readonly entries: ReceivedEntry[];
  readonly calls: Map<string, number>;
};

/** A gateway's client in this process; `isBroken` loses calls on their way. */
export async function joinHub(hub: TestHub, person: TestPerson, isBroken: (id: string) => boolean): Promise<Member> {
  const calls = new Map<string, number>();
  const entries: ReceivedEntry[] = [];
  const direct = createHubApi({ baseUrl: hub.baseUrl, fetch, token: () => person.token });
  const api: HubApi = {
    baseUrl: hub.baseUrl,
    audience: hub.baseUrl,
    call: async (operation, input) => {
      calls.set(operation.id, (calls.get(operation.id) ?? 0) + 1);
      return isBroken(operation.id) ? err(failure("OFFLINE")) : direct.call(operation, input);
    },
  };
  const keys: DeviceKeys = {
    signing: person.device.signing,
    kem: person.kemKey,
    kind: "gateway",
    sealLocal: async (plaintext) => plaintext,
    openLocal: async (sealed) => ok(sealed),
  };
  const client = await createClient({
    api,
    store: createMemoryStore(),
    keys,
    userId: person.userId,
    consortiumId: hub.consortiumId,
    token: () => person.token,
    openSocket: (url, protocols) => new WebSocket(url, protocols, { perMessageDeflate: false }),
    nowMs: Date.now,
    random: systemRandom,
    openedEntries: "memory",
  });
  client.subscribe((event) => {
    if (event.type === "entries") entries.push(...event.entries);
  });
  return { client, entries, calls };
}
