import type { ResultCard } from "@caseroom/clinical";
import type { SpaceId } from "@caseroom/contract";
import { Tabs } from "@mantine/core";
import { IconFolderOff } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Me, RecordView } from "../engine/engine.ts";
import { EmptyState } from "../frame/empty-state.tsx";
import { Imaging } from "./imaging.tsx";
import classes from "./record.module.css";
import { Results } from "./results.tsx";
import { SourceDrawer } from "./source-drawer.tsx";
import { type OpenSource, SourceOpener } from "./source-opener.ts";
import { Summary } from "./summary.tsx";
import { Team } from "./team.tsx";
import { Timeline } from "./timeline.tsx";

const TABS = ["summary", "timeline", "results", "imaging", "team"] as const;
export type RecordTab = (typeof TABS)[number];

type RecordPanelProps = {
  readonly spaceId: SpaceId;
  readonly record: RecordView | undefined;
  readonly me: Me | undefined;
  readonly onShare: (card: ResultCard) => void;
  readonly tab: RecordTab;
  readonly onTab: (tab: RecordTab) => void;
  /** The result that is open, also from a card in the conversation. */
  readonly seriesKey: string | undefined;
  readonly onSeries: (key: string | undefined) => void;
  readonly onOpenStudy: (study: string) => void;
};

export function RecordPanel(props: RecordPanelProps) {
  const { spaceId, record, me, onShare, tab, onTab, seriesKey, onSeries, onOpenStudy } = props;
  const { t } = useTranslation();
  const [opened, setOpened] = useState<OpenSource | undefined>(undefined);
  const opener = useMemo(() => ({ open: setOpened }), []);

  return (
    <SourceOpener value={opener}>
      <Tabs
        value={tab}
        onChange={(value) => onTab(TABS.find((known) => known === value) ?? "summary")}
        keepMounted={false}
        className={classes.panel}
        classNames={{ list: classes.tabList, tab: classes.tab }}
      >
        <Tabs.List grow aria-label={t("record.title")}>
          {TABS.map((value) => (
            <Tabs.Tab key={value} value={value}>
              {t(`record.${value}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Panel value="summary">{record === undefined ? <NoRecord /> : <Summary record={record} />}</Panel>
        <Panel value="timeline">
          {record === undefined ? <NoRecord /> : <Timeline timeline={record.picture.timeline} />}
        </Panel>
        <Panel value="results">
          {record === undefined ? (
            <NoRecord />
          ) : (
            <Results series={record.picture.series} openKey={seriesKey} onOpen={onSeries} onShare={onShare} />
          )}
        </Panel>
        <Panel value="imaging">
          <Imaging spaceId={spaceId} onOpen={onOpenStudy} />
        </Panel>
        <Panel value="team">
          <Team spaceId={spaceId} me={me} />
        </Panel>
      </Tabs>
      <SourceDrawer spaceId={spaceId} opened={opened} onClose={() => setOpened(undefined)} />
    </SourceOpener>
  );
}

function Panel({ value, children }: { readonly value: RecordTab; readonly children: ReactNode }) {
  return (
    <Tabs.Panel value={value} className={classes.tabPanel} tabIndex={0}>
      {children}
    </Tabs.Panel>
  );
}

function NoRecord() {
  const { t } = useTranslation();
  return (
    <EmptyState icon={<IconFolderOff size={30} aria-hidden />} title={t("record.none")} text={t("record.noneText")} />
  );
}
