import type { TimelineItem, TimelineKind } from "@caseroom/clinical";
import { Button, Chip, UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBuildingHospital,
  IconFileText,
  IconFlask,
  IconNote,
  IconPhotoScan,
  IconPill,
  IconSlice,
  IconStethoscope,
  IconVaccine,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { LtrValue } from "../values/ltr-value.tsx";
import { useMoments } from "../values/moment.ts";
import classes from "./record.module.css";
import { SourceNames } from "./source-names.tsx";
import { useSourceOpener } from "./source-opener.ts";

const ICONS: Readonly<Record<TimelineKind, typeof IconFlask>> = {
  result: IconFlask,
  encounter: IconBuildingHospital,
  problem: IconStethoscope,
  medication: IconPill,
  allergy: IconAlertTriangle,
  procedure: IconSlice,
  immunization: IconVaccine,
  document: IconFileText,
  imaging: IconPhotoScan,
  other: IconNote,
};
const KINDS: readonly TimelineKind[] = [
  "result",
  "encounter",
  "problem",
  "medication",
  "allergy",
  "procedure",
  "immunization",
  "document",
  "imaging",
  "other",
];
const PAGE = 60;

/** Everything in the order in which it happened to the patient, the newest first. */
export function Timeline({ timeline }: { readonly timeline: readonly TimelineItem[] }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<TimelineKind | "all">("all");
  const [length, setLength] = useState(PAGE);
  const present = new Set(timeline.map((item) => item.kind));
  const kept = kind === "all" ? timeline : timeline.filter((item) => item.kind === kind);
  const shown = kept.slice(0, length);
  const rest = kept.length - shown.length;
  return (
    <div className={classes.stack}>
      <Chip.Group
        value={kind}
        onChange={(value) => {
          setKind(KINDS.find((known) => known === value) ?? "all");
          setLength(PAGE);
        }}
      >
        <div role="radiogroup" aria-label={t("timeline.filter")} className={classes.chips}>
          <KindChip kind="all" />
          {KINDS.filter((known) => present.has(known)).map((known) => (
            <KindChip key={known} kind={known} />
          ))}
        </div>
      </Chip.Group>
      {shown.length === 0 && <p className={classes.soft}>{t("timeline.empty")}</p>}
      {[...Map.groupBy(shown, yearOf)].map(([year, items]) => (
        <section key={year} aria-label={year === "" ? t("timeline.noDate") : year}>
          <h2 className={classes.year}>{year === "" ? t("timeline.noDate") : year}</h2>
          <ol className={classes.timeline}>
            {items.map((item) => (
              <li key={item.id}>
                <TimelineRow item={item} />
              </li>
            ))}
          </ol>
        </section>
      ))}
      {rest > 0 && (
        <Button variant="default" onClick={() => setLength(length + PAGE)}>
          {t("timeline.more", { count: Math.min(rest, PAGE) })}
        </Button>
      )}
    </div>
  );
}

function TimelineRow({ item }: { readonly item: TimelineItem }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const openSource = useSourceOpener();
  const Icon = ICONS[item.kind];
  return (
    <UnstyledButton
      className={classes.event}
      data-superseded={item.superseded}
      onClick={() => openSource({ title: item.title, sources: item.sources })}
    >
      <span className={classes.eventDay}>{item.atMs === undefined ? "" : moments.shortDay(item.atMs)}</span>
      <span className={classes.eventIcon} data-kind={item.kind}>
        <Icon size={17} aria-hidden />
        <span className="visually-hidden">{t(`kind.${item.kind}`)}</span>
      </span>
      <span className={classes.factText}>
        <span className={classes.eventTitle}>
          <bdi>{item.title}</bdi>
        </span>
        {item.detail !== undefined && (
          <span className={classes.eventDetail}>
            {item.kind === "result" ? <LtrValue>{item.detail}</LtrValue> : <bdi>{item.detail}</bdi>}
          </span>
        )}
        <span className={classes.soft}>
          <SourceNames sources={item.sources} />
          {item.superseded && <span className={classes.tag}>{t("record.superseded")}</span>}
        </span>
      </span>
    </UnstyledButton>
  );
}

function KindChip({ kind }: { readonly kind: TimelineKind | "all" }) {
  const { t } = useTranslation();
  return (
    <Chip value={kind} variant="light" classNames={{ label: classes.chip }}>
      {t(`kind.${kind}`)}
    </Chip>
  );
}

function yearOf(item: TimelineItem): string {
  return item.atMs === undefined ? "" : String(new Date(item.atMs).getFullYear());
}
