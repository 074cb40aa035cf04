import type { Source } from "@caseroom/clinical";
import { createContext, useContext } from "react";

/** A fact whose sources are to be looked at. */
export type OpenSource = { readonly title: string; readonly sources: readonly Source[] };

export const SourceOpener = createContext<{ readonly open: (fact: OpenSource) => void }>({ open: () => {} });

/** Opens the source drawer of the record panel, from wherever in it a fact stands. */
export function useSourceOpener(): (fact: OpenSource) => void {
  return useContext(SourceOpener).open;
}
