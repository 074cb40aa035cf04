/** Reads what `strace -f -ttt -T` wrote: which process asked the kernel for what, from when to when (seconds). */
type Call = {
  readonly pid: number;
  readonly name: string;
  readonly text: string;
  readonly from: number;
  readonly until: number;
};

export type TraceRoles = { readonly gateway: number; readonly database: readonly number[] };

/**
 * Whether the trace shows, in this order: the database writes the message into its journal, a flush to disk that began after that returns,
 * the gateway writes the acknowledgement.
 */
export function findDurableAck(
  trace: string,
  roles: TraceRoles,
  controlId: string,
): { readonly problem: string | undefined } {
  const calls = readCalls(trace);
  const isGateway = (call: Call) => call.pid === roles.gateway;
  const ack = calls.find(
    (call) => isGateway(call) && /^(write|writev|sendto|sendmsg)$/.test(call.name) && hasAck(call.text, controlId),
  );
  if (ack === undefined) return { problem: "the acknowledgement is not in the trace" };
  // Any process that is not the gateway's is the database's: nothing else is traced.
  const threads = calls.filter((call) => !isGateway(call) && roles.database.length > 0);
  const journal = threads.find((call) => /^pwrite/.test(call.name) && call.text.includes(controlId));
  if (journal === undefined) return { problem: "the message was never written to the journal" };
  const flushed = threads.some(
    (call) => /^f(data)?sync$/.test(call.name) && call.from >= journal.until && call.until <= ack.from,
  );
  return { problem: flushed ? undefined : "the acknowledgement was written before the flush had returned" };
}

function hasAck(text: string, controlId: string): boolean {
  return text.includes(`MSA|AA|${controlId}`);
}

function readCalls(trace: string): readonly Call[] {
  const calls: Call[] = [];
  /** Calls that another process's line has interrupted, by process. */
  const open = new Map<number, { readonly name: string; readonly text: string; readonly from: number }>();
  for (const line of trace.split("\n")) {
    const parts = /^(\d+)\s+(\d+\.\d+)\s(.*)$/.exec(line);
    if (parts === null) continue;
    const [pid, at, text = ""] = [Number(parts[1]), Number(parts[2]), parts[3]];
    const resumed = /^<\.\.\. (\w+) resumed>/.exec(text);
    const begun = open.get(pid);
    if (resumed !== null) {
      // The time of this line is when it returned.
      if (begun !== undefined) calls.push({ ...begun, pid, text: begun.text + text, until: at });
      open.delete(pid);
      continue;
    }
    const name = /^(\w+)\(/.exec(text)?.[1];
    if (name === undefined) continue;
    if (text.endsWith("<unfinished ...>")) open.set(pid, { name, text, from: at });
    else calls.push({ pid, name, text, from: at, until: at + Number(/<(\d+\.\d+)>$/.exec(text)?.[1] ?? 0) });
  }
  // An acknowledgement whose call has not returned by the end of the trace has left all the same.
  for (const [pid, begun] of open) calls.push({ ...begun, pid, until: Number.POSITIVE_INFINITY });
  return calls;
}
