import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@caseroom/postgres";
import { createMllpSender, type DemoWorld, gatewayOf, hba1cMessage, readDemoWorld } from "@caseroom/testkit";
import { describe, expect, inject, it } from "vitest";
import { findDurableAck, type TraceRoles } from "./syscall-trace.ts";

/** Attaches, watches while one thing is done, and answers the trace; a reason when this machine does not allow it. */
async function trace(pids: readonly number[], act: () => Promise<void>): Promise<string | { readonly reason: string }> {
  if (spawnSync("strace", ["--version"]).error !== undefined) return { reason: "strace is not installed" };
  const folder = mkdtempSync(join(tmpdir(), "caseroom-trace-"));
  const file = join(folder, "trace");
  const calls = "trace=fdatasync,fsync,pwrite64,pwritev,write,writev,sendto,sendmsg";
  const attach = pids.flatMap((pid) => ["-p", String(pid)]);
  const strace = spawn("strace", ["-f", "-ttt", "-T", "-s", "65536", "-e", calls, "-o", file, ...attach], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  strace.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise((resolve) => strace.once("exit", resolve));
  try {
    // One that has ended in between is reported as well, and does no more writing.
    const isSettled = (pid: number) =>
      said.includes(`Process ${pid} attached`) || said.includes(`PTRACE_SEIZE, ${pid})`);
    for (let i = 0; !pids.every(isSettled); i++) {
      if (/not permitted|denied/.test(said)) return { reason: "this machine does not let strace attach to a process" };
      if (i > 200) throw new Error(`strace did not attach: ${said}`);
      await sleep(50);
    }
    await act();
    await sleep(300);
    strace.kill("SIGINT");
    await ended;
    return readFileSync(file, "utf8");
  } finally {
    strace.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The receiving gateway's process, and everything of its PostgreSQL that may write the journal. */
async function processesOf(world: DemoWorld): Promise<TraceRoles> {
  const gateway = gatewayOf(world, "kdc");
  const password = readFileSync(join(world.folder, "gateways", "kdc", "postgres.password"), "utf8").trim();
  const port = gateway.mllp.port + 20;
  const sql = connect(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`, { max: 1 });
  const rows = await sql<
    { pid: number }[]
  >`SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type IN ('client backend', 'walwriter')`;
  await sql.end();
  const backends = rows.map((row) => row.pid);
  const parent = /^\d+ \(.*\) \S (\d+)/.exec(readFileSync(`/proc/${backends[0] ?? 0}/stat`, "utf8"))?.[1];
  // New backends are children of the server's first process, which is followed as well.
  return { gateway: gateway.pid, database: [Number(parent), ...backends] };
}

describe("an acknowledgement", () => {
  it("leaves the gateway only when its database has the message on disk", async (context) => {
    const world = readDemoWorld(inject("worldFolder"));
    const roles = await processesOf(world);
    const controlId = `durable-${Date.now()}`;
    let answer: string | undefined;
    const traced = await trace([roles.gateway, ...roles.database], async () => {
      const laboratory = createMllpSender(gatewayOf(world, "kdc").mllp);
      answer = await laboratory.send(hba1cMessage({ controlId, percent: "6.01", at: "20261124120000+0800" }));
      laboratory.close();
    });
    if (typeof traced !== "string") return context.skip(traced.reason);
    expect(answer).toContain(`MSA|AA|${controlId}`);
    const found = findDurableAck(traced, roles, controlId);
    expect(found.problem).toBeUndefined();
  });
});

describe("a trace in which the gateway answers too early", () => {
  const roles = { gateway: 1, database: [2] };
  const write = `2 10.000000 pwrite64(5, "..id-7..", 8192, 0) = 8192 <0.000100>`;
  const sync = "2 10.001000 fdatasync(5) = 0 <0.002000>";
  const ack = (at: string) => `1 ${at} write(9, "\\vMSH|^~\\\\&|\\rMSA|AA|id-7\\r", 30) = 30 <0.000010>`;

  it("is told from one in which it waits", () => {
    expect(findDurableAck([write, sync, ack("10.004000")].join("\n"), roles, "id-7").problem).toBeUndefined();
    expect(findDurableAck([write, sync, ack("10.002000")].join("\n"), roles, "id-7").problem).toMatch(/before/);
    expect(findDurableAck([sync, ack("10.004000")].join("\n"), roles, "id-7").problem).toMatch(/never written/);
    const interrupted = [
      write,
      "2 10.001000 fdatasync(5 <unfinished ...>",
      ack("10.004000"),
      "2 10.005000 <... fdatasync resumed>) = 0 <0.004000>",
    ];
    expect(findDurableAck(interrupted.join("\n"), roles, "id-7").problem).toMatch(/before/);
  });
});
