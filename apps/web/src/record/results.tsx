import type { ResultCard, Series } from "@caseroom/clinical";
import { TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconFlaskOff, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "../frame/empty-state.tsx";
import { LtrValue } from "../values/ltr-value.tsx";
import { useMoments } from "../values/moment.ts";
import { ResultFlag } from "../values/result-flag.tsx";
import { Sparkline } from "../values/sparkline.tsx";
import classes from "./results.module.css";
import { SeriesDetail } from "./series-detail.tsx";
import { type Hba1cUnit, inReadingOrder, readingsOf } from "./series-reading.ts";

type ResultsProps = {
  readonly series: readonly Series[];
  readonly openKey: string | undefined;
  readonly onOpen: (key: string | undefined) => void;
  readonly onShare: (card: ResultCard) => void;
};

/** Every analyte with its newest value and how it went; one opened shows chart and table. */
export function Results({ series, openKey, onOpen, onShare }: ResultsProps) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [unit, setUnit] = useState<Hba1cUnit>("ngsp");
  const opened = series.find(({ key }) => key === openKey);
  if (opened !== undefined) {
    return (
      <SeriesDetail series={opened} unit={unit} onUnit={setUnit} onShare={onShare} onBack={() => onOpen(undefined)} />
    );
  }
  if (series.length === 0)
    return <EmptyState icon={<IconFlaskOff size={30} aria-hidden />} title={t("results.empty")} />;
  const wanted = query.trim().toLocaleLowerCase();
  const shown = inReadingOrder(series).filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
  return (
    <div className={classes.results}>
      <TextInput
        aria-label={t("results.find")}
        placeholder={t("results.find")}
        leftSection={<IconSearch size={18} aria-hidden />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      {shown.length === 0 && <p className={classes.soft}>{t("results.nothingFound")}</p>}
      <ul className={classes.list}>
        {shown.map((one) => (
          <li key={one.key}>
            <SeriesRow series={one} unit={unit} onOpen={() => onOpen(one.key)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

type SeriesRowProps = { readonly series: Series; readonly unit: Hba1cUnit; readonly onOpen: () => void };

function SeriesRow({ series, unit, onOpen }: SeriesRowProps) {
  const moments = useMoments();
  const readings = readingsOf(series, unit);
  const last = readings.at(-1);
  if (last === undefined) return null;
  return (
    <UnstyledButton className={classes.row} onClick={onOpen}>
      <span className={classes.rowText}>
        <span className={classes.rowName}>
          <bdi>{series.name}</bdi>
        </span>
        <span className={classes.rowValue}>
          <LtrValue className={classes.value}>
            {last.text} <small>{last.unit}</small>
          </LtrValue>
          <ResultFlag flag={last.point.flag} />
        </span>
        <span className={classes.soft}>{moments.day(last.point.atMs)}</span>
      </span>
      <Sparkline trend={readings.map(({ point, value }) => ({ atMs: point.atMs, value }))} width={96} />
      <IconChevronRight size={18} aria-hidden className={classes.onward} />
    </UnstyledButton>
  );
}
