import { concatBytes, err, failure, type logTile, ok } from "@caseroom/contract";
import type { Handler } from "../../http/operation-handler.ts";
import type { LogNodes } from "./log-nodes.ts";

const TILE_HEIGHT = 8;
const TILE_WIDTH = 256;

/** log.tile: C2SP tlog-tiles. A tile of level L holds the hashes of level 8·L of the tree. */
export function getTile({ nodes }: { readonly nodes: LogNodes }): Handler<typeof logTile> {
  return async ({ params, query }) => {
    const level = readNumber(params.level, 5);
    const index = readNumber(params.index, 2 ** 40);
    const width = query.width ?? TILE_WIDTH;
    if (level === undefined || index === undefined || width < 1 || width > TILE_WIDTH) return err(failure("NOT_FOUND"));
    const hashes = await nodes.readRow(level * TILE_HEIGHT, index * TILE_WIDTH, width);
    if (hashes.length < width) return err(failure("NOT_FOUND"));
    const headers = { "cache-control": "public, max-age=31536000, immutable" };
    return ok({ body: concatBytes(...hashes), headers });
  };
}

function readNumber(text: string, max: number): number | undefined {
  const value = /^[0-9]{1,13}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value <= max ? value : undefined;
}
