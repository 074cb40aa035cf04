import { type Command, EXIT, type Io } from "./command.ts";
import { doctorCommand } from "./doctor/doctor.ts";
import { exportCommand } from "./export/export.ts";
import { importCommand } from "./import/import.ts";
import { logVerifyCommand } from "./log/verify-log.ts";
import { peopleAddCommand } from "./people/add-person.ts";
import { enrolCommand } from "./people/enrol.ts";
import { peopleCommand } from "./people/list-people.ts";
import { quarantineCommands } from "./quarantine/quarantine.ts";
import { shareCommand } from "./share/share.ts";
import { worldStartCommand } from "./world/start-world.ts";
import { worldStopCommand } from "./world/stop-world.ts";

const COMMANDS: readonly Command[] = [
  worldStartCommand,
  worldStopCommand,
  doctorCommand,
  peopleCommand,
  peopleAddCommand,
  enrolCommand,
  importCommand,
  shareCommand,
  exportCommand,
  logVerifyCommand,
  ...quarantineCommands,
];

const io: Io = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  env: process.env,
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  // The longest that fits: "people add" is not "people".
  const command = [...COMMANDS]
    .sort((a, b) => b.words.length - a.words.length)
    .find(({ words }) => words.every((word, i) => args[i] === word));
  const rest = command === undefined ? args : args.slice(command.words.length);
  if (args.length === 0 || (command === undefined && isHelp(args[0]))) {
    io.out(overview());
    return EXIT.ok;
  }
  if (command === undefined) {
    io.err(`caseroom: there is no command "${args.slice(0, 2).join(" ")}"\n\n${overview()}`);
    return EXIT.usage;
  }
  if (rest.some(isHelp)) {
    io.out(command.help);
    return EXIT.ok;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    if (!isWrongUsage(error)) throw error;
    io.err(`caseroom: ${error.message}\n\n${command.help}`);
    return EXIT.usage;
  }
}

/** What `parseArgs` of Node throws for an option that is not there. */
function isWrongUsage(error: unknown): error is Error {
  return error instanceof TypeError && String(Reflect.get(error, "code")).startsWith("ERR_PARSE_ARGS");
}

function isHelp(word: string | undefined): boolean {
  return word === "--help" || word === "-h" || word === "help";
}

function overview(): string {
  const lines = COMMANDS.map(({ words, summary }) => `  ${words.join(" ").padEnd(18)} ${summary}`);
  return [
    "Usage: caseroom <command> [options]",
    "",
    ...lines,
    "",
    "caseroom <command> --help tells more.",
    "Exit codes: 0 done, 1 failed or does not hold, 2 wrong usage, 3 cannot be reached.",
  ].join("\n");
}
