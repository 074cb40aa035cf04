import { readFileSync } from "node:fs";

/** Linux counts in hundredths of a second (proc(5), USER_HZ). */
const TICK_MS = 10;

/** Processor time that a process has used so far, in milliseconds; `undefined` where /proc does not tell. */
export function processorMsOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold spaces; user and system time are the 12th and 13th field after it.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return undefined;
  }
}

/** Starts counting; the answer gives what each has used since, by name. Unlike times on the wall, it hardly depends on who else is at work. */
export function countProcessorTime(pids: ReadonlyMap<string, number>): () => ReadonlyMap<string, number> {
  const before = new Map([...pids].map(([name, pid]) => [name, processorMsOf(pid)]));
  return () => {
    const used = new Map<string, number>();
    for (const [name, pid] of pids) {
      const from = before.get(name);
      const to = processorMsOf(pid);
      if (from !== undefined && to !== undefined) used.set(name, to - from);
    }
    return used;
  };
}
