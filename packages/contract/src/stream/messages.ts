import { z } from "zod";
import {
  chainIdField,
  chainTypeField,
  compIdField,
  countField,
  feedItem,
  kidField,
  spaceIdField,
} from "../wire-fields.ts";

/**
 * The stream: one WebSocket per device (GET /v1/stream, bearer as the subprotocol `bearer.<token>` beside `caseroom.v1`)
 * for all its spaces. Every message is a framed message; these are the heads.
 */
export const STREAM_PATH = "/v1/stream";
export const STREAM_PROTOCOL = "caseroom.v1";

/** Client → hub: follow these compartments from these positions on. Replaces an earlier cursor of the same compartment. */
export const streamFollow = z.object({
  type: z.literal("follow"),
  comps: z.array(z.object({ compId: compIdField, from: countField })).max(10_000),
});

export const streamFromClient = z.discriminatedUnion("type", [streamFollow, z.object({ type: z.literal("ping") })]);

/** Hub → client. `feed` parts: the bytes of the items, in order. `mark` parts: one sealed mark. */
export const streamFromHub = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("feed"),
    compId: compIdField,
    items: z.array(feedItem),
  }),
  z.object({ type: z.literal("mark"), compId: compIdField, kid: kidField }),
  z.object({ type: z.literal("leaves"), compId: compIdField, n: countField }),
  z.object({
    type: z.literal("chain"),
    chainId: chainIdField,
    ct: chainTypeField,
    n: countField,
  }),
  z.object({ type: z.literal("space"), spaceId: spaceIdField }),
  z.object({
    type: z.literal("refused"),
    compId: compIdField,
    code: z.string(),
  }),
  z.object({ type: z.literal("device-request") }),
  z.object({ type: z.literal("pong") }),
]);

export type StreamFromClient = z.infer<typeof streamFromClient>;
export type StreamFromHub = z.infer<typeof streamFromHub>;
