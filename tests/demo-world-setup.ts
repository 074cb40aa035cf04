import { bootDemoWorld, findFreeBase } from "@caseroom/testkit";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    readonly worldFolder: string;
  }
}

/** Boots the demo world once for all scenarios and screens; as a stranger's `npm start` would, on other ports. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const existing = process.env.CASEROOM_TEST_WORLD;
  if (existing !== undefined) {
    project.provide("worldFolder", existing);
    return async () => undefined;
  }
  const world = await bootDemoWorld({ basePort: await findFreeBase(18_400) });
  project.provide("worldFolder", world.folder);
  return () => world.stop();
}
