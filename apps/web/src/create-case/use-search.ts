import type { ErrorCode, Failure, Result } from "@caseroom/contract";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import { useEngineLink } from "../engine/use-engine.tsx";

type Search<T> = {
  readonly found: readonly T[] | undefined;
  readonly failure: ErrorCode | undefined;
};

/** Searches while the person types. An answer that a later question has overtaken is dropped. */
export function useSearch<T>(query: string, ask: (query: string) => Promise<Result<readonly T[], Failure>>): Search<T> {
  const link = useEngineLink();
  const [asked] = useDebouncedValue(query.trim(), 180);
  const [search, setSearch] = useState<Search<T>>({ found: undefined, failure: undefined });
  const latestAsk = useRef(ask);
  latestAsk.current = ask;
  useEffect(() => {
    let overtaken = false;
    latestAsk.current(asked).then(
      (result) => {
        if (overtaken) return;
        setSearch(
          result.ok ? { found: result.value, failure: undefined } : { found: undefined, failure: result.error.code },
        );
      },
      () => link.reportCrash(),
    );
    return () => {
      overtaken = true;
    };
  }, [asked, link]);
  return search;
}
