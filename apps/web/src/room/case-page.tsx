import type { ResultCard } from "@caseroom/clinical";
import type { SpaceId } from "@caseroom/contract";
import { Loader, Title } from "@mantine/core";
import { lazy, Suspense, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Me } from "../engine/engine.ts";
import { useEngineValue } from "../engine/use-engine.tsx";
import { useToast } from "../frame/failure-note.tsx";
import { CaseList } from "../home/case-list.tsx";
import { NewCaseButton } from "../home/home.tsx";
import type { RecordTab } from "../record/record-panel.tsx";
import { loadViewer } from "../viewer/viewer-chunk.ts";
import { CaseNotFound } from "./case-not-found.tsx";
import classes from "./case-page.module.css";
import { CaseTabs } from "./case-tabs.tsx";
import { PatientHeader } from "./patient-header.tsx";
import { Room } from "./room.tsx";

const Viewer = lazy(async () => ({ default: (await loadViewer()).Viewer }));
const RecordPanel = lazy(async () => ({ default: (await import("../record/record-panel.tsx")).RecordPanel }));

type CasePageProps = {
  readonly spaceId: SpaceId;
  /** `record`, `scan`, or the conversation. */
  readonly pane: string | undefined;
  /** The study that is open in the viewer. */
  readonly study: string | undefined;
  readonly me: Me | undefined;
};

/** Case list, conversation and record side by side; on a phone one of them at a time. */
export function CasePage({ spaceId, pane, study, me }: CasePageProps) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const toast = useToast();
  const room = useEngineValue({ type: "room", spaceId }, async (engine) => ({ view: await engine.room(spaceId) }));
  const cases = useEngineValue({ type: "cases" }, (engine) => engine.cases());
  const record = useEngineValue({ type: "record", spaceId }, async (engine) => ({
    view: await engine.record(spaceId),
  }));
  const [card, setCard] = useState<ResultCard | undefined>(undefined);
  const [seriesKey, setSeriesKey] = useState<string | undefined>(undefined);
  const [tab, setTab] = useState<RecordTab>("summary");
  const [returnTo, setReturnTo] = useState<"room" | "record">("room");
  const shown = pane === "scan" ? returnTo : pane === "record" ? "record" : "room";

  const share = useCallback(
    (shared: ResultCard) => {
      setCard(shared);
      toast(t("results.shared"));
      navigate(`/case/${spaceId}`);
    },
    [navigate, spaceId, t, toast],
  );
  const openSeries = useCallback(
    (key: string) => {
      setSeriesKey(key);
      setTab("results");
      navigate(`/case/${spaceId}/record`);
    },
    [navigate, spaceId],
  );

  const openStudy = useCallback(
    (uid: string) => {
      setReturnTo(pane === "record" ? "record" : "room");
      navigate(`/case/${spaceId}/scan/${uid}`);
    },
    [navigate, pane, spaceId],
  );
  const closeStudy = () => navigate(returnTo === "record" ? `/case/${spaceId}/record` : `/case/${spaceId}`);

  if (room !== undefined && room.view === undefined) return <CaseNotFound />;
  return (
    <div className={classes.case} data-pane={shown}>
      <nav className={classes.cases} aria-label={t("home.title")}>
        <div className={classes.casesHead}>
          <Title order={2} size="h3">
            {t("home.title")}
          </Title>
          <NewCaseButton compact />
        </div>
        <CaseList cases={cases} look="rows" openSpaceId={spaceId} />
      </nav>
      <main className={classes.main} id="content" tabIndex={-1}>
        <PatientHeader room={room?.view} record={record?.view} />
        <div className={classes.panes}>
          <section className={classes.room} aria-label={t("room.title")}>
            {room?.view === undefined ? (
              <Waiting />
            ) : (
              <Room
                room={room.view}
                card={card}
                onCard={setCard}
                onOpenSeries={openSeries}
                onOpenStudy={openStudy}
                isShown={shown === "room"}
              />
            )}
          </section>
          <section className={classes.record} aria-label={t("record.title")}>
            <Suspense fallback={<Waiting />}>
              {record === undefined ? (
                <Waiting />
              ) : (
                <RecordPanel
                  spaceId={spaceId}
                  record={record.view}
                  me={me}
                  onShare={share}
                  tab={tab}
                  onTab={setTab}
                  seriesKey={seriesKey}
                  onSeries={setSeriesKey}
                  onOpenStudy={openStudy}
                />
              )}
            </Suspense>
          </section>
        </div>
      </main>
      <CaseTabs spaceId={spaceId} shown={shown} />
      {pane === "scan" && study !== undefined && (
        <Suspense fallback={<ViewerWaiting />}>
          <Viewer spaceId={spaceId} study={study} room={room?.view} onClose={closeStudy} />
        </Suspense>
      )}
    </div>
  );
}

/** The viewer is a large part of the program and comes when it is first wanted. */
function ViewerWaiting() {
  const { t } = useTranslation();
  return (
    <div role="status" className={classes.viewerWaiting} data-mantine-color-scheme="dark">
      <Loader size="sm" aria-hidden />
      {t("viewer.opening")}
    </div>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <div role="status" className={classes.waiting}>
      <Loader size="sm" aria-hidden />
      {t("app.loading")}
    </div>
  );
}
