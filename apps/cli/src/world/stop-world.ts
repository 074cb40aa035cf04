import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Command, EXIT } from "../command.ts";
import { readWorldFile } from "./world-file.ts";

const STOP_MS = 90_000;

export const worldStopCommand: Command = {
  words: ["world", "stop"],
  summary: "stop a running world",
  help: "Usage: caseroom world stop [--world DIR]\n\nStops gateways, hub and their databases in order. DIR is the world's folder (default ./.caseroom).",
  run: async (args, io) => {
    const { values } = parseArgs({ args: [...args], options: { world: { type: "string", default: ".caseroom" } } });
    const world = readWorldFile(values.world);
    if (world === undefined) {
      io.err(`caseroom: there is no world.json in ${values.world}; name the world's folder with --world`);
      return EXIT.usage;
    }
    if (!isAlive(world.pid)) {
      io.out("the world is not running");
      return EXIT.ok;
    }
    process.kill(world.pid, "SIGTERM");
    const deadline = Date.now() + STOP_MS;
    while (isAlive(world.pid)) {
      if (Date.now() > deadline) {
        io.err(`caseroom: process ${world.pid} has not ended; see ${world.logs}`);
        return EXIT.failed;
      }
      await sleep(100);
    }
    io.out("stopped");
    return EXIT.ok;
  },
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

/** Ended, and its parent has not looked yet: a parent that waits for this very command never will. */
function isZombie(pid: number): boolean {
  try {
    // proc(5): "pid (name) state …", where the name may hold anything but ends at the last parenthesis.
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
