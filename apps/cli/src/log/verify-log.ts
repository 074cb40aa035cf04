import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createHubApi, type HubApi } from "@caseroom/client";
import {
  type Bytes,
  base64urlToBytes,
  bytesToBase64url,
  bytesToHex,
  bytesToUtf8,
  equalBytes,
  err,
  type Failure,
  failure,
  logCheckpoint,
  metaGet,
  ok,
  parseJson,
  type Result,
} from "@caseroom/contract";
import { type LogKeys, verifyCheckpoint } from "@caseroom/crypto/verify";
import { z } from "zod";
import { type Command, EXIT } from "../command.ts";
import { showProgress } from "../progress.ts";
import { refuse } from "../refusal.ts";
import { worldFolder } from "../world/named-gateway.ts";
import { readWorldFile } from "../world/world-file.ts";
import { type LogState, replayLog } from "./replay-log.ts";

const bytes = z.string().transform((text, context): Bytes => {
  const decoded = base64urlToBytes(text);
  if (decoded !== undefined) return decoded;
  context.addIssue("not base64url");
  return z.NEVER;
});
const seenFile = z.object({ origin: z.string(), logKey: bytes, cosignKey: bytes, size: z.number().int(), root: bytes });
type Seen = z.infer<typeof seenFile>;

export const logVerifyCommand: Command = {
  words: ["log", "verify"],
  summary: "read the whole log as an auditor: one history, and the one that was seen before",
  help: [
    "Usage: caseroom log verify [--world DIR | --hub URL] [--seen FILE] [--json]",
    "",
    "Checks both signatures of the newest checkpoint, builds the Merkle tree anew from every line, and compares it with the signed root and",
    "with the root that FILE holds from the last time (DIR/log-seen.json unless given). Needs no account. The first time the hub's own word",
    "is taken for the keys of the log, and kept in FILE; compare them with another auditor's. Progress is shown on a terminal.",
    '--json: {"size","root","since","holds":true} or {"holds":false,"code"}',
    "",
    "Exit codes: 0 holds, 1 does not hold (keep FILE and the hub's answer), 2 wrong usage, 3 the hub cannot be reached.",
    "",
    "Example: caseroom log verify --hub https://hub.example --seen ~/caseroom-log.json",
  ].join("\n"),
  run: async (args, io) => {
    const text = { type: "string" } as const;
    const options = { world: text, hub: text, seen: text, json: { type: "boolean", default: false } } as const;
    const { values } = parseArgs({ args: [...args], options });
    const folder = worldFolder(values, io);
    const hub = values.hub ?? readWorldFile(folder)?.hub.url;
    const path = values.seen ?? (values.hub === undefined ? join(folder, "log-seen.json") : undefined);
    if (hub === undefined || path === undefined || !URL.canParse(hub)) {
      io.err("caseroom: --hub URL and --seen FILE are needed, or a world");
      return EXIT.usage;
    }
    const seen = existsSync(path) ? readSeen(path) : undefined;
    if (seen === "unreadable") {
      io.err(`caseroom: ${path} is not what this command wrote; set it aside to begin anew`);
      return EXIT.usage;
    }
    const api = createHubApi({ baseUrl: hub, fetch, token: () => undefined });
    const verified = await verify(api, seen);
    if (!verified.ok) {
      if (values.json) io.out(JSON.stringify({ holds: false, code: verified.error.code }));
      return refuse(io, verified.error, { [verified.error.code]: verified.error.detail ?? verified.error.code });
    }
    const { size, root } = verified.value;
    keepSeen(path, verified.value);
    const result = { size, root: bytesToHex(root), since: seen?.size ?? 0, holds: true };
    if (values.json) io.out(JSON.stringify(result));
    else io.out(`the log holds: ${size} lines, root ${result.root}\n${sinceWords(result.since)}`);
    return EXIT.ok;
  },
};

async function verify(api: HubApi, seen: Seen | undefined): Promise<Result<Seen, Failure>> {
  const keys = await readKeys(api);
  if (!keys.ok) return keys;
  if (seen !== undefined && !areSameKeys(seen, keys.value))
    return err(failure("FORK", "the log has another name or other keys than before"));
  const reply = await api.call(logCheckpoint, {});
  if (!reply.ok) return reply;
  const checkpoint = await verifyCheckpoint(bytesToUtf8(reply.value.raw) ?? "", seen ?? keys.value);
  if (!checkpoint.ok) return err(failure("PROOF_INVALID", "the newest checkpoint is not signed by the log's keys"));
  const now: LogState = checkpoint.value;
  const replayed = await replayLog(api, now, seen, (size) => showProgress(`${size} of ${now.size} lines`));
  showProgress("");
  if (!replayed.ok) return replayed;
  const { origin, logKey, cosignKey } = keys.value;
  return ok({ origin, logKey, cosignKey, size: now.size, root: now.root });
}

async function readKeys(api: HubApi): Promise<Result<LogKeys, Failure>> {
  const meta = await api.call(metaGet, {});
  return meta.ok ? ok(meta.value.head) : meta;
}

function areSameKeys(a: LogKeys, b: LogKeys): boolean {
  return a.origin === b.origin && equalBytes(a.logKey, b.logKey) && equalBytes(a.cosignKey, b.cosignKey);
}

function readSeen(path: string): Seen | "unreadable" {
  const json = parseJson(readFileSync(path, "utf8"));
  const parsed = json.ok ? seenFile.safeParse(json.value) : undefined;
  return parsed?.success === true ? parsed.data : "unreadable";
}

function keepSeen(path: string, { origin, logKey, cosignKey, size, root }: Seen): void {
  const text = bytesToBase64url;
  const seen = { origin, logKey: text(logKey), cosignKey: text(cosignKey), size, root: text(root) };
  writeFileSync(`${path}.new`, JSON.stringify(seen, null, 2), { flush: true });
  renameSync(`${path}.new`, path);
}

function sinceWords(since: number): string {
  return since === 0 ? "seen for the first time" : `it continues the ${since} lines that were seen before`;
}
