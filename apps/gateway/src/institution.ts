import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createLane, type DeviceKeys, type HubApi, ownDevice } from "@caseroom/client";
import {
  bytesToBase64url,
  type ConsortiumId,
  type Failure,
  linksAppend,
  metaGet,
  type OrgId,
  ok,
  parseId32,
  type Result,
  systemRandom,
  type UserId,
  utf8ToBytes,
} from "@caseroom/contract";
import type { SigningKey } from "@caseroom/crypto/sign";
import { createUser, type Draft, type OrgStatement, signOrgGenesis, signOrgStatement } from "@caseroom/space/secret";

/** Who this institution is at the hub. Kept in a file of the gateway; the ids certify themselves. */
export type Institution = { readonly consortiumId: ConsortiumId; readonly orgId: OrgId; readonly userId: UserId };

const RETRY_MS = 500;

/** Waits until the hub knows its consortium. */
export async function awaitConsortium(api: HubApi): Promise<ConsortiumId> {
  for (;;) {
    const meta = await api.call(metaGet, {});
    if (meta.ok && meta.value.head.consortiumId !== null) return meta.value.head.consortiumId;
    await sleep(RETRY_MS);
  }
}

/**
 * Founds the institution: its CA, its gateway as a user, and the CA's word that this is its gateway. The consortium's roots still have to
 * admit it. Links of the directory need no session here, but the hub's bootstrap token.
 */
export async function foundInstitution(
  api: HubApi,
  input: {
    readonly consortiumId: ConsortiumId;
    readonly name: string;
    readonly caKey: SigningKey;
    readonly keys: DeviceKeys;
    readonly bootstrapToken: string;
    readonly nowMs: () => number;
  },
): Promise<Result<Institution, Failure>> {
  const { consortiumId, caKey, keys, nowMs } = input;
  const genesis = await signOrgGenesis({ consortiumId, caKey, nowMs: nowMs() });
  const orgId = parseId32<OrgId>(genesis.chainId);
  if (orgId === undefined) throw new RangeError("a chain id has 32 bytes");
  const send = (draft: Draft) => sendWithToken(api, draft, input.bootstrapToken);
  const founded = await send({ links: [genesis], wraps: [] });
  if (!founded.ok) return founded;
  const user = await createUser({
    consortiumId,
    kind: "gateway",
    device: ownDevice(keys),
    nowMs: nowMs(),
    random: systemRandom,
  });
  const joined = await send(user);
  if (!joined.ok) return joined;
  // The org chain as it stands is its genesis alone: no directory is needed to continue it.
  const at = { index: 0, ts: nowMs() };
  const org = {
    ct: "org" as const,
    id: orgId,
    head: { n: 1, hash: genesis.hash, at },
    caKeys: new Map([[caKey.kid, caKey.publicKey]]),
    credentials: new Map(),
    gateways: new Map(),
  };
  const statement = { op: "gw.add" as const, userId: user.userId, name: input.name };
  const link = await signOrgStatement({ consortiumId, caKey, org, statement, nowMs: nowMs() });
  const named = await send({ links: [link], wraps: [] });
  return named.ok ? ok({ consortiumId, orgId, userId: user.userId }) : named;
}

async function sendWithToken(api: HubApi, draft: Draft, bootstrapToken: string): Promise<Result<undefined, Failure>> {
  const ticket = bytesToBase64url(utf8ToBytes(bootstrapToken));
  const head = { links: draft.links.length, wraps: draft.wraps.length, ticket };
  const reply = await api.call(linksAppend, {
    head,
    parts: [...draft.links.map((link) => link.bytes), ...draft.wraps],
  });
  return reply.ok ? ok() : reply;
}

export type Registrar = {
  /** One statement of the CA about a user; again after a lost race. */
  readonly state: (statement: OrgStatement) => Promise<Result<undefined, Failure>>;
};

const ATTEMPTS = 5;

export function createRegistrar(deps: {
  readonly client: Client;
  readonly caKey: SigningKey;
  readonly institution: Institution;
  readonly nowMs: () => number;
}): Registrar {
  const { client, caKey, institution } = deps;
  const lane = createLane();
  return {
    state: (statement) =>
      lane.run(async () => {
        for (let i = 0; ; i++) {
          const org = client.directory.org(institution.orgId);
          if (org === undefined) throw new Error("the institution's own chain is known");
          const link = await signOrgStatement({
            consortiumId: institution.consortiumId,
            caKey,
            org,
            statement,
            nowMs: deps.nowMs(),
          });
          const sent = await client.commits.send({ links: [link], wraps: [] });
          await client.sync();
          if (sent.ok || sent.error.code !== "CHAIN_CONFLICT" || i >= ATTEMPTS) return sent;
        }
      }),
  };
}
