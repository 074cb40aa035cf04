import type { Io } from "../command.ts";
import { createGatewayAdmin, type GatewayAdmin } from "./gateway-admin.ts";
import { readWorldFile, type WorldFile } from "./world-file.ts";

export type NamedGateway = { readonly entry: WorldFile["gateways"][number]; readonly admin: GatewayAdmin };

/** The options of every command about one gateway. */
export const GATEWAY_OPTIONS = {
  world: { type: "string" },
  gateway: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** The gateway that `--gateway` names in the world of `--world`, else of CASEROOM_WORLD, else of ./.caseroom; says what is missing. */
export function findGateway(
  values: { readonly world?: string | undefined; readonly gateway?: string | undefined },
  io: Io,
): NamedGateway | undefined {
  const folder = worldFolder(values, io);
  const world = readWorldFile(folder);
  const entry = world?.gateways.find((one) => one.id === values.gateway);
  if (entry !== undefined) return { entry, admin: createGatewayAdmin(entry.url, entry.token) };
  io.err(
    world === undefined
      ? `caseroom: there is no world.json in ${folder}; name the world's folder with --world`
      : `caseroom: name one of the gateways with --gateway: ${world.gateways.map(({ id }) => id).join(", ")}`,
  );
  return undefined;
}

/** The folder of the world that is meant. */
export function worldFolder(values: { readonly world?: string | undefined }, io: Io): string {
  return values.world ?? io.env.CASEROOM_WORLD ?? ".caseroom";
}
