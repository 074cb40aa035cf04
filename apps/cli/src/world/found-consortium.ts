import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createHubApi, type HubApi } from "@caseroom/client";
import {
  type Bytes,
  bytesToBase64url,
  expectOk,
  linksAppend,
  metaGet,
  type OrgId,
  toBytes,
  utf8ToBytes,
} from "@caseroom/contract";
import { signingKeyFromSeed } from "@caseroom/crypto/sign";
import { signConsortiumGenesis, signOrgAdmission } from "@caseroom/space/secret";
import { applyBatch, createDirectory, type Directory, type ParsedLink, parseLink } from "@caseroom/space/verify";

/**
 * The consortium's officers of the demo world: one root key in a file. It signs who belongs, and then has nothing to do. A real consortium has
 * several roots, apart from each other and from any machine that is online.
 */
export type Officers = {
  readonly bootstrapToken: string;
  /** Founds the consortium at a hub that knows none yet. */
  readonly found: (hubUrl: string) => Promise<void>;
  readonly admit: (hubUrl: string, org: { readonly orgId: OrgId; readonly name: string }) => Promise<void>;
};

const WAIT_MS = 100;

export function openOfficers(folder: string): Officers {
  const bootstrapToken = Buffer.from(kept(join(folder, "bootstrap.token"), 24)).toString("base64url");
  const seed = kept(join(folder, "root.seed"), 32);
  const chainFile = join(folder, "consortium.chain.json");

  const send = async (api: HubApi, link: ParsedLink) => {
    const ticket = bytesToBase64url(utf8ToBytes(bootstrapToken));
    const reply = await api.call(linksAppend, { head: { links: 1, wraps: 0, ticket }, parts: [link.bytes] });
    expectOk(reply, `consortium/${link.op}`);
    const chain = [...readChain(chainFile), bytesToBase64url(link.bytes)];
    writeFileSync(chainFile, JSON.stringify(chain), { flush: true });
  };

  return {
    bootstrapToken,
    found: async (hubUrl) => {
      const api = createHubApi({ baseUrl: hubUrl, fetch, token: () => undefined });
      for (;;) {
        const meta = await api.call(metaGet, {});
        if (!meta.ok) {
          await sleep(WAIT_MS);
          continue;
        }
        if (meta.value.head.consortiumId !== null) return;
        const { origin, logKey, cosignKey } = meta.value.head;
        const rootKey = await signingKeyFromSeed(seed);
        const log = { origin, logKey, cosignKey };
        return send(api, await signConsortiumGenesis({ rootKeys: [rootKey], k: 1, log, nowMs: Date.now() }));
      }
    },
    admit: async (hubUrl, { orgId, name }) => {
      const directory = await replay(readChain(chainFile));
      const consortium = directory.consortium();
      if (consortium === undefined) throw new Error("there is no consortium yet");
      if (consortium.orgs.has(orgId)) return;
      const api = createHubApi({ baseUrl: hubUrl, fetch, token: () => undefined });
      const rootKey = await signingKeyFromSeed(seed);
      await send(api, await signOrgAdmission({ consortium, rootKeys: [rootKey], orgId, name, nowMs: Date.now() }));
    },
  };
}

/** The consortium's chain as its officers signed it. Places in the log do not matter for its own continuation. */
async function replay(chain: readonly string[]): Promise<Directory> {
  const directory = createDirectory();
  for (const [index, text] of chain.entries()) {
    const link = expectOk(parseLink(Buffer.from(text, "base64url")), "a link of the consortium");
    const layer = expectOk(await applyBatch(directory, [{ link, at: { index, ts: 0 } }]), "a link of the consortium");
    for (const state of layer.states()) directory.set(state);
  }
  return directory;
}

function readChain(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const json: unknown = JSON.parse(readFileSync(path, "utf8"));
  return Array.isArray(json) ? json.filter((one) => typeof one === "string") : [];
}

function kept(path: string, length: number): Bytes {
  if (!existsSync(path)) writeFileSync(path, randomBytes(length), { mode: 0o600, flush: true });
  return toBytes(readFileSync(path));
}
