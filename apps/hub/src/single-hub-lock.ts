import { setTimeout as sleep } from "node:timers/promises";
import { InvariantError } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";

/** Two hubs on one database would each order the feeds from their own memory. */
const LOCK = 0x63_72_31_02;
const PATIENCE_MS = 15_000;

/** Held until released, or until the process is gone. Waits a little for one that was just killed; then throws InvariantError. */
export async function takeHubLock(sql: Sql): Promise<{ readonly release: () => Promise<void> }> {
  const connection = await sql.reserve();
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const [row] = await connection<{ taken: boolean }[]>`SELECT pg_try_advisory_lock(${LOCK}) AS taken`;
    if (row?.taken === true) break;
    if (Date.now() > deadline) {
      connection.release();
      throw new InvariantError("another hub runs on this database");
    }
    await sleep(200);
  }
  return {
    release: async () => {
      await connection`SELECT pg_advisory_unlock(${LOCK})`;
      connection.release();
    },
  };
}
