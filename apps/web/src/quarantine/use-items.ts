import type { ErrorCode, QuarantineItem, QuarantineState } from "@caseroom/contract";
import { useState } from "react";
import { useEngineLink, useEngineValue } from "../engine/use-engine.tsx";

type Page = { readonly items: readonly QuarantineItem[]; readonly next: string | null };
type Items = {
  /** Newest first; `undefined` until the first answer. */
  readonly items: readonly QuarantineItem[] | undefined;
  readonly failure: ErrorCode | undefined;
  readonly hasMore: boolean;
  readonly more: () => void;
};

/** Items of one state, page by page; the first page is read again when something has changed. */
export function useItems(state: QuarantineState): Items {
  const link = useEngineLink();
  const answer = useEngineValue({ type: "tasks" }, (engine) => engine.quarantine({ state, before: undefined }));
  const [older, setOlder] = useState<Page | undefined>(undefined);
  const first = answer?.ok === true ? answer.value : undefined;
  const next = (older ?? first)?.next ?? null;
  const more = () => {
    if (next === null) return;
    link.engine.quarantine({ state, before: next }).then(
      (page) => {
        if (page.ok) setOlder({ items: [...(older?.items ?? []), ...page.value.items], next: page.value.next });
      },
      () => link.reportCrash(),
    );
  };
  const known = new Set(first?.items.map(({ id }) => id));
  const further = older?.items.filter(({ id }) => !known.has(id)) ?? [];
  return {
    items: first === undefined ? undefined : [...first.items, ...further],
    failure: answer?.ok === false ? answer.error.code : undefined,
    hasMore: next !== null,
    more,
  };
}
