import type { Source } from "@caseroom/clinical";
import { Fragment } from "react";

/** Each institution once, however many fragments it sent. */
export function SourceNames({ sources }: { readonly sources: readonly Source[] }) {
  const names = [...new Set(sources.map(({ institution }) => institution))];
  return names.map((name, index) => (
    <Fragment key={name}>
      {index > 0 && " · "}
      <bdi>{name}</bdi>
    </Fragment>
  ));
}
