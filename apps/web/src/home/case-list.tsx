import { Skeleton } from "@mantine/core";
import { IconMessages } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { CaseSummary } from "../engine/engine.ts";
import { EmptyState } from "../frame/empty-state.tsx";
import { useMoments } from "../values/moment.ts";
import { PatientLine } from "../values/patient-line.tsx";
import { PersonName } from "../values/person-name.tsx";
import classes from "./home.module.css";

type CaseListProps = {
  readonly cases: readonly CaseSummary[] | undefined;
  /** Cards on the home page, plain rows beside an open case. */
  readonly look: "cards" | "rows";
  readonly openSpaceId?: string;
};

/** The newest first, as conversations are looked for. */
export function CaseList({ cases, look, openSpaceId }: CaseListProps) {
  const { t } = useTranslation();
  if (cases === undefined) return <CaseListSkeleton />;
  if (cases.length === 0) {
    return (
      <EmptyState
        icon={<IconMessages size={30} aria-hidden />}
        title={t("home.emptyTitle")}
        text={t("home.emptyText")}
      />
    );
  }
  const newestFirst = [...cases].sort((a, b) => (b.last?.atMs ?? 0) - (a.last?.atMs ?? 0));
  return (
    <ul className={classes.list} data-look={look}>
      {newestFirst.map((summary) => (
        <li key={summary.spaceId}>
          <CaseRow summary={summary} isOpen={summary.spaceId === openSpaceId} />
        </li>
      ))}
    </ul>
  );
}

function CaseRow({ summary, isOpen }: { readonly summary: CaseSummary; readonly isOpen: boolean }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const { last, unread } = summary;
  return (
    <Link href={`/case/${summary.spaceId}`} className={classes.case} aria-current={isOpen ? "page" : undefined}>
      <span className={classes.caseTop}>
        <span className={classes.caseName}>
          <bdi>{summary.name}</bdi>
        </span>
        {last !== undefined && <span className={classes.when}>{moments.brief(last.atMs)}</span>}
      </span>
      <PatientLine patient={summary.patient} />
      <span className={classes.caseBottom}>
        <span className={classes.last}>
          {last === undefined ? (
            t("home.noMessages")
          ) : (
            <>
              <span className={classes.lastAuthor}>
                <PersonName name={last.author} />:
              </span>
              <bdi className={classes.lastText}>{last.text}</bdi>
            </>
          )}
        </span>
        {summary.removed && <span className={classes.tag}>{t("home.removed")}</span>}
        {unread > 0 && (
          <span className={classes.unread}>
            <span aria-hidden>{unread > 99 ? "99+" : unread}</span>
            <span className="visually-hidden">{t("home.unread", { count: unread })}</span>
          </span>
        )}
      </span>
    </Link>
  );
}

function CaseListSkeleton() {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("app.loading")} className={classes.skeleton}>
      <Skeleton height={96} radius="md" />
      <Skeleton height={96} radius="md" />
    </div>
  );
}
