import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bootDemoWorld, findFreeBase, startRecordingProxy } from "@caseroom/testkit";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    readonly worldFolder: string;
    /** Everything that passed between the gateways and the hub, and where it passed; absent for a world that ran before the tests. */
    readonly gatewayTraffic: { readonly file: string; readonly proxyUrl: string } | undefined;
  }
}

/** Beyond the ports of a world (world-layout.ts). */
const PROXY_OFFSET = 60;

/**
 * Boots the demo world once for all scenarios and screens; as a stranger's `npm start` would, on other ports. Its gateways reach the hub
 * through a proxy that keeps what passes, as through an institution's outbound proxy.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const existing = process.env.CASEROOM_TEST_WORLD;
  if (existing !== undefined) {
    project.provide("worldFolder", existing);
    project.provide("gatewayTraffic", undefined);
    return async () => undefined;
  }
  const basePort = await findFreeBase(18_400);
  const recordings = mkdtempSync(join(tmpdir(), "caseroom-traffic-"));
  const file = join(recordings, "gateways.bin");
  const proxy = await startRecordingProxy(`http://127.0.0.1:${basePort}`, basePort + PROXY_OFFSET, file);
  const world = await bootDemoWorld({ basePort, env: { CASEROOM_HUB_VIA: proxy.url } });
  project.provide("worldFolder", world.folder);
  project.provide("gatewayTraffic", { file, proxyUrl: proxy.url });
  return async () => {
    await world.stop();
    await proxy.close();
    rmSync(recordings, { recursive: true, force: true });
  };
}
