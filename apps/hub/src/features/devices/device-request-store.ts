import { type Bytes, bytesToHex, type Clock, type Random, toBytes, type UserId } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import { toColumn } from "../../id-column.ts";

/** Requests of further devices. They are public keys with a proof of possession; whoever approves compares a code with the person. */
export type DeviceRequestStore = {
  readonly add: (userId: UserId, request: Bytes) => Promise<string>;
  readonly list: (
    userId: UserId,
  ) => Promise<readonly { readonly requestId: string; readonly request: Bytes; readonly atMs: number }[]>;
  readonly remove: (userId: UserId, requestId: string) => Promise<boolean>;
};

const LIFETIME_MS = 86_400_000;
const MAX_PENDING = 32;

export function createDeviceRequestStore(deps: {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly random: Random;
}): DeviceRequestStore {
  const { sql, clock } = deps;
  return {
    add: async (userId, request) => {
      const requestId = bytesToHex(deps.random(16));
      await sql`DELETE FROM device_requests WHERE at_ms < ${clock.nowMs() - LIFETIME_MS}`;
      await sql`
        INSERT INTO device_requests (request_id, user_id, request, at_ms)
        VALUES (${requestId}, ${toColumn(userId)}, ${Buffer.from(request)}, ${clock.nowMs()})`;
      return requestId;
    },
    list: async (userId) => {
      const rows = await sql<{ request_id: string; request: Uint8Array; at_ms: number }[]>`
        SELECT request_id, request, at_ms FROM device_requests
        WHERE user_id = ${toColumn(userId)} AND at_ms >= ${clock.nowMs() - LIFETIME_MS}
        ORDER BY at_ms DESC, request_id LIMIT ${MAX_PENDING}`;
      return rows.map((row) => ({ requestId: row.request_id, request: toBytes(row.request), atMs: row.at_ms }));
    },
    remove: async (userId, requestId) => {
      const rows = await sql`
        DELETE FROM device_requests WHERE user_id = ${toColumn(userId)} AND request_id = ${requestId} RETURNING 1`;
      return rows.length > 0;
    },
  };
}
