/** One command of the command line: found by its words, described by its help, answering an exit code. */
export type Command = {
  readonly words: readonly string[];
  readonly summary: string;
  readonly help: string;
  readonly run: (args: readonly string[], io: Io) => Promise<number>;
};

export type Io = {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly env: NodeJS.ProcessEnv;
};

/** Exit codes of every command: scripts decide by them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3 } as const;
