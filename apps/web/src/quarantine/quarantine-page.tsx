import type { QuarantineState } from "@caseroom/contract";
import { Button, SegmentedControl, Title } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { EmptyState } from "../frame/empty-state.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { ItemRow } from "./item-row.tsx";
import classes from "./quarantine.module.css";
import { useItems } from "./use-items.ts";

const STATES: readonly QuarantineState[] = ["waiting", "replayed", "discarded"];

/** What the institution's systems sent and could not be used. Nothing of it is lost, and nothing else waits for it. */
export function QuarantinePage({ institution }: { readonly institution: string }) {
  const { t } = useTranslation();
  const [state, setState] = useState<QuarantineState>("waiting");
  return (
    <main className={classes.page} id="content" tabIndex={-1}>
      <div className={classes.column}>
        <Link href="/" className={classes.back}>
          {t("import.back")}
        </Link>
        <Title order={1}>{t("quarantine.title")}</Title>
        <p className={classes.lead}>{t("quarantine.lead", { institution })}</p>
        <SegmentedControl
          className={classes.states}
          size="md"
          value={state}
          onChange={(value) => setState(STATES.find((one) => one === value) ?? "waiting")}
          data={STATES.map((value) => ({ value, label: t(`quarantine.state.${value}`) }))}
          aria-label={t("quarantine.show")}
        />
        <Items key={state} state={state} />
      </div>
    </main>
  );
}

function Items({ state }: { readonly state: QuarantineState }) {
  const { t } = useTranslation();
  const { items, failure, hasMore, more } = useItems(state);
  if (items === undefined) return <FailureNote code={failure} />;
  if (items.length === 0) {
    return (
      <EmptyState
        icon={<IconCircleCheck size={30} aria-hidden />}
        title={t(`quarantine.empty.${state}`)}
        {...(state === "waiting" ? { text: t("quarantine.emptyText") } : {})}
      />
    );
  }
  return (
    <>
      <ul className={classes.list}>
        {items.map((item) => (
          <ItemRow key={item.id} item={item} />
        ))}
      </ul>
      {hasMore && (
        <Button variant="default" onClick={more}>
          {t("quarantine.more")}
        </Button>
      )}
    </>
  );
}
