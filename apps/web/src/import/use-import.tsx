import type { ErrorCode, ImportLine } from "@caseroom/contract";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";
import { useEngineLink } from "../engine/use-engine.tsx";
import { type ChosenFile, type ImportUnit, toUnits } from "./dropped-files.ts";

/** What became of one thing that was sent. */
export type ImportItem = {
  readonly id: number;
  readonly name: string;
  readonly files: number;
  readonly state: "waiting" | "sending" | "done" | "failed";
  readonly lines: readonly ImportLine[];
  readonly failure: ErrorCode | undefined;
};

export type Import = {
  readonly items: readonly ImportItem[];
  readonly isRunning: boolean;
  readonly add: (files: readonly ChosenFile[]) => void;
  /** Sends what failed once more. */
  readonly retry: () => void;
  readonly clear: () => void;
};

const Context = createContext<Import | undefined>(undefined);

/** Keeps an import going while its person looks at something else. */
export function ImportProvider({ children }: { readonly children: ReactNode }) {
  const link = useEngineLink();
  const [items, setItems] = useState<readonly ImportItem[]>([]);
  const [isRunning, setRunning] = useState(false);
  const queue = useRef<{ readonly id: number; readonly unit: ImportUnit }[]>([]);
  const failed = useRef<{ readonly id: number; readonly unit: ImportUnit }[]>([]);
  const running = useRef(false);
  const nextId = useRef(0);

  const change = useCallback((id: number, part: Partial<ImportItem>) => {
    setItems((before) => before.map((one) => (one.id === id ? { ...one, ...part } : one)));
  }, []);

  const run = useCallback(async () => {
    if (running.current) return;
    running.current = true;
    setRunning(true);
    for (let next = queue.current.shift(); next !== undefined; next = queue.current.shift()) {
      const { id, unit } = next;
      change(id, { state: "sending", failure: undefined });
      const files = unit.files.map(({ path, file }) => ({ path, file }));
      const sent = await link.engine.importFiles({ name: unit.name, files }).catch(() => undefined);
      if (sent?.ok === true) change(id, { state: "done", lines: sent.value });
      else {
        failed.current.push(next);
        change(id, { state: "failed", failure: sent?.error.code ?? "INTERNAL" });
      }
    }
    running.current = false;
    setRunning(false);
  }, [change, link]);

  const value = useMemo<Import>(
    () => ({
      items,
      isRunning,
      add: (files) => {
        const units = toUnits(files).map((unit) => ({ id: nextId.current++, unit }));
        queue.current.push(...units);
        setItems((before) => [
          ...before,
          ...units.map(({ id, unit }) => ({
            id,
            name: unit.name,
            files: unit.files.length,
            state: "waiting" as const,
            lines: [],
            failure: undefined,
          })),
        ]);
        void run();
      },
      retry: () => {
        queue.current.push(...failed.current.splice(0));
        void run();
      },
      clear: () => setItems((before) => before.filter(({ state }) => state === "waiting" || state === "sending")),
    }),
    [items, isRunning, run],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useImport(): Import {
  const value = useContext(Context);
  if (value === undefined) throw new RangeError("an import is asked for outside its provider");
  return value;
}
