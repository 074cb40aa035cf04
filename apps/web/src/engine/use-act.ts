import type { ErrorCode, Failure, Result } from "@caseroom/contract";
import { useCallback, useState } from "react";
import { useEngineLink } from "./use-engine.tsx";

type Act = {
  /** Runs one act; true when it succeeded. Its failure stands in `failure` until the next one. */
  readonly run: <T>(act: () => Promise<Result<T, Failure>>, onValue?: (value: T) => void) => Promise<boolean>;
  readonly isRunning: boolean;
  readonly failure: ErrorCode | undefined;
};

/** An act of the person: busy while it runs, and what went wrong afterwards. */
export function useAct(): Act {
  const link = useEngineLink();
  const [isRunning, setRunning] = useState(false);
  const [failure, setFailure] = useState<ErrorCode | undefined>(undefined);
  const run = useCallback<Act["run"]>(
    async (act, onValue) => {
      setRunning(true);
      setFailure(undefined);
      try {
        const result = await act();
        if (result.ok) onValue?.(result.value);
        else setFailure(result.error.code);
        return result.ok;
      } catch {
        link.reportCrash();
        return false;
      } finally {
        setRunning(false);
      }
    },
    [link],
  );
  return { run, isRunning, failure };
}
