import { join } from "node:path";
import type { ConnectOptions } from "@caseroom/client";
import { folderHome } from "@caseroom/client/node";
import { freshCode, gatewayOf, readDemoWorld } from "@caseroom/testkit";

/** The demo world that `npm start` runs. */
export const world = readDemoWorld(process.env.CASEROOM_WORLD ?? ".caseroom");

/** A member of its staff who signs in as a program. With real people, a person types password and code, and reads what is to be approved. */
export async function demoPerson(login = process.argv[2] ?? "ho"): Promise<ConnectOptions> {
  const person = world.people.find((one) => one.login === login);
  if (person === undefined) throw new RangeError(`nobody signs in as ${login}`);
  return {
    gateway: gatewayOf(world, person.gateway).url,
    login,
    password: person.password,
    code: await freshCode(world, login),
    home: folderHome(join(world.folder, "programs")),
    onWaiting: (outcome) => console.error("waiting for approval on another device:", outcome),
  };
}
