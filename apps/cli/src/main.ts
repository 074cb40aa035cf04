import { type Command, EXIT, type Io } from "./command.ts";
import { importCommand } from "./import/import.ts";
import { quarantineCommands } from "./quarantine/quarantine.ts";
import { shareCommand } from "./share/share.ts";
import { worldStartCommand } from "./world/start-world.ts";
import { worldStopCommand } from "./world/stop-world.ts";

const COMMANDS: readonly Command[] = [
  worldStartCommand,
  worldStopCommand,
  importCommand,
  shareCommand,
  ...quarantineCommands,
];

const io: Io = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  env: process.env,
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const command = COMMANDS.find(({ words }) => words.every((word, i) => args[i] === word));
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
  return command.run(rest, io);
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
    "Exit codes: 0 done, 1 failed, 2 wrong usage.",
  ].join("\n");
}
