import type { Fact } from "@caseroom/clinical";
import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useMoments } from "../values/moment.ts";
import classes from "./record.module.css";
import { SourceNames } from "./source-names.tsx";
import { useSourceOpener } from "./source-opener.ts";
import { StatusWord } from "./status-word.tsx";

/** Statuses that go without saying in a list of what is the case now. */
const UNSAID = new Set(["active", "confirmed"]);

/** One fact of the summary; a tap shows where it comes from. */
export function FactRow({ fact }: { readonly fact: Fact }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const openSource = useSourceOpener();
  return (
    <UnstyledButton
      className={classes.fact}
      onClick={() => openSource({ title: fact.title, sources: fact.sources })}
      data-past={fact.status === "resolved" || fact.status === "inactive" || fact.status === "stopped"}
    >
      <span className={classes.factText}>
        <span className={classes.factTitle}>
          <bdi>{fact.title}</bdi>
          {fact.status !== undefined && !UNSAID.has(fact.status) && (
            <span className={classes.tag}>
              <StatusWord status={fact.status} />
            </span>
          )}
        </span>
        {fact.detail !== undefined && (
          <span>
            <bdi>{fact.detail}</bdi>
          </span>
        )}
        <span className={classes.soft}>
          {fact.since !== undefined && <>{t("summary.since", { when: moments.partial(fact.since) })} · </>}
          <SourceNames sources={fact.sources} />
        </span>
      </span>
      <IconChevronRight size={18} aria-hidden className={classes.onward} />
    </UnstyledButton>
  );
}
