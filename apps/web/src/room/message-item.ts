import type { RoomItem } from "../engine/engine.ts";

/** A message among the items of a room. */
export type MessageItem = Extract<RoomItem, { type: "message" }>;
