export { type LogOptions, logOptions } from "./http/request-log.ts";
export { createHub, type Hub, type HubDeps, MIGRATIONS } from "./hub.ts";
