import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Failure, QUARANTINE_SOURCES, QUARANTINE_STATES, type Result } from "@caseroom/contract";
import { type Command, EXIT, type Io } from "../command.ts";
import { readWorldFile } from "../world/world-file.ts";
import { openQuarantineDoor, type QuarantineDoor } from "./quarantine-door.ts";
import { detailLines, itemLine, whyNot } from "./quarantine-words.ts";

const OPTIONS = {
  world: { type: "string" },
  gateway: { type: "string" },
  json: { type: "boolean" },
  state: { type: "string" },
  source: { type: "string" },
  version: { type: "string" },
  base: { type: "string" },
  save: { type: "string" },
  reason: { type: "string" },
} as const;
const COMMON: readonly Option[] = ["world", "gateway", "json"];
const PAGE = 100;

type Option = keyof typeof OPTIONS;
type Asked = {
  readonly values: { readonly [name in Exclude<Option, "json">]?: string | undefined } & {
    readonly json?: boolean | undefined;
  };
  /** What stands after the verb: the item, and a file. */
  readonly positionals: readonly string[];
};
type Run = (door: QuarantineDoor, asked: Asked, io: Io) => Promise<number>;

/** A command on one gateway's quarantine: finds the gateway, and says how it is used when it is used otherwise. */
function defineCommand(input: {
  readonly verb: string;
  readonly summary: string;
  readonly usage: string;
  readonly help: readonly string[];
  readonly positionals: number;
  readonly options: readonly Option[];
  readonly run: Run;
}): Command {
  const { verb, summary, usage, positionals, options, run } = input;
  return {
    words: ["quarantine", verb],
    summary,
    help: [
      `Usage: caseroom quarantine ${verb} --world DIR --gateway GW ${usage}`,
      "",
      ...input.help,
      "",
      "--json prints what the gateway answers as JSON. Exit codes: 0 done, 1 failed or refused, 2 wrong usage.",
    ].join("\n"),
    run: async (args, io) => {
      const asked = readArgs(args, [...COMMON, ...options]);
      const folder = asked?.values.world ?? ".caseroom";
      const world = readWorldFile(folder);
      const gateway = world?.gateways.find((one) => one.id === asked?.values.gateway);
      if (asked === undefined || gateway === undefined || asked.positionals.length !== positionals || !hasId(asked)) {
        const known = world?.gateways.map((one) => one.id).join(", ") ?? "unknown";
        io.err(
          `caseroom: quarantine ${verb} takes --gateway GW ${usage}, and a world at ${folder}; the gateways are ${known}`,
        );
        return EXIT.usage;
      }
      return run(openQuarantineDoor(gateway), asked, io);
    },
  };
}

function readArgs(args: readonly string[], allowed: readonly Option[]): Asked | undefined {
  try {
    const asked = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    const given: readonly string[] = Object.keys(asked.values);
    return given.every((name) => allowed.some((one) => one === name)) ? asked : undefined;
  } catch {
    return undefined;
  }
}

/** Every verb but the list names an item first; it stands in an address. */
function hasId({ positionals: [id] }: Asked): boolean {
  return id === undefined || /^[1-9][0-9]{0,17}$/.test(id);
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : undefined;
}

/** What was answered, as JSON or in words; 1 when it was refused. */
function answer<T>(
  result: Result<T, Failure>,
  { values }: Asked,
  io: Io,
  words: (value: T) => readonly string[],
): number {
  if (!result.ok) {
    io.err(`caseroom: ${whyNot(result.error)}`);
    return EXIT.failed;
  }
  const lines = values.json === true ? [JSON.stringify(result.value ?? {})] : words(result.value);
  for (const line of lines) io.out(line);
  return EXIT.ok;
}

const list = defineCommand({
  verb: "list",
  summary: "what sources sent and could not be used",
  usage: "[--state S] [--source S]",
  help: [
    "Newest first: number, when, by which door, from whom, why and where. With --json one line of JSON for each.",
    "",
    `  --state   ${QUARANTINE_STATES.join(", ")} (default waiting)`,
    `  --source  ${QUARANTINE_SOURCES.join(", ")}`,
    "",
    "Example: caseroom quarantine list --world .caseroom --gateway hgh --source hl7v2",
  ],
  positionals: 0,
  options: ["state", "source"],
  run: async (door, asked, io) => {
    const { state, source, json } = asked.values;
    let count = 0;
    let before: string | undefined;
    do {
      const query = { state, source, before, limit: String(PAGE) };
      const page = await door.list(
        Object.fromEntries(
          Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
        ),
      );
      if (!page.ok) return answer(page, asked, io, () => []);
      for (const item of page.value.items) io.out(json === true ? JSON.stringify(item) : itemLine(item));
      count += page.value.items.length;
      before = page.value.next ?? undefined;
    } while (before !== undefined);
    if (count === 0 && json !== true) io.out("nothing");
    return EXIT.ok;
  },
});

const show = defineCommand({
  verb: "show",
  summary: "one of them: why and where, what it says, who did what",
  usage: "ID [--version N] [--save FILE]",
  help: [
    "Shows the newest version, or N; 1 is the original. --save writes its bytes to a file, as they came.",
    "Looking and saving are recorded.",
    "",
    "Example: caseroom quarantine show --world .caseroom --gateway hgh 12 --save message.hl7",
  ],
  positionals: 1,
  options: ["version", "save"],
  run: async (door, asked, io) => {
    const {
      positionals: [id = ""],
      values,
    } = asked;
    const detail = await door.show(id, values.version);
    if (detail.ok && values.save !== undefined) {
      const bytes = await door.download(id, detail.value.version);
      if (!bytes.ok) return answer(bytes, asked, io, () => []);
      writeFileSync(values.save, bytes.value, { mode: 0o600 });
    }
    return answer(detail, asked, io, detailLines);
  },
});

const repair = defineCommand({
  verb: "repair",
  summary: "keep a mended version beside the original",
  usage: "ID FILE [--base N]",
  help: [
    "FILE becomes the newest version; what was there stays. --base is the version that was mended (default: the newest); when",
    "there is a newer one, somebody else was faster and nothing is kept.",
    "",
    "Example: caseroom quarantine repair --world .caseroom --gateway hgh 12 message.hl7",
  ],
  positionals: 2,
  options: ["base"],
  run: async (door, asked, io) => {
    const [id = "", file = ""] = asked.positionals;
    const bytes = readFile(file);
    if (bytes === undefined) {
      io.err(`caseroom: ${file} cannot be read`);
      return EXIT.usage;
    }
    const base = numberOf(asked.values.base) ?? (await newestVersion(door, id));
    const repaired = await door.repair(id, base, bytes);
    return answer(repaired, asked, io, ({ version }) => [`${id}: version ${version} is kept; replay sends it in`]);
  },
});

const replay = defineCommand({
  verb: "replay",
  summary: "send one in again, by the door by which it came",
  usage: "ID [--version N]",
  help: [
    "The newest version, or N. What is refused again waits on, with the new reason.",
    "",
    "Example: caseroom quarantine replay --world .caseroom --gateway hgh 12",
  ],
  positionals: 1,
  options: ["version"],
  run: async (door, asked, io) => {
    const [id = ""] = asked.positionals;
    const version = numberOf(asked.values.version) ?? (await newestVersion(door, id));
    return answer(await door.replay(id, version), asked, io, () => [`${id}: taken in`]);
  },
});

const discard = defineCommand({
  verb: "discard",
  summary: "close one that nobody needs, with the reason",
  usage: "ID --reason TEXT",
  help: [
    "Nothing is deleted: it is listed under --state discarded with who discarded it and why.",
    "",
    "Example: caseroom quarantine discard --world .caseroom --gateway hgh 12 --reason 'test of the analyser'",
  ],
  positionals: 1,
  options: ["reason"],
  run: async (door, asked, io) => {
    const [id = ""] = asked.positionals;
    const { reason } = asked.values;
    if (reason === undefined || reason.trim().length < 3) {
      io.err("caseroom: quarantine discard needs --reason TEXT");
      return EXIT.usage;
    }
    return answer(await door.discard(id, reason), asked, io, () => [`${id}: discarded`]);
  },
});

export const quarantineCommands: readonly Command[] = [list, show, repair, replay, discard];

/** 1 also for what has no versions, as a pack: the gateway says what there is. */
async function newestVersion(door: QuarantineDoor, id: string): Promise<number> {
  const shown = await door.show(id, undefined);
  return shown.ok ? Math.max(1, shown.value.item.version) : 1;
}

function readFile(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(readFileSync(path));
  } catch {
    return undefined;
  }
}
