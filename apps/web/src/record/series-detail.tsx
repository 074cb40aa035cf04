import type { ResultCard, Series } from "@caseroom/clinical";
import { Button, SegmentedControl, Skeleton, Table, Title } from "@mantine/core";
import { IconArrowLeft, IconShare2 } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Sentence } from "../messages/sentence.tsx";
import { LtrValue } from "../values/ltr-value.tsx";
import { useMoments } from "../values/moment.ts";
import { ResultFlag } from "../values/result-flag.tsx";
import classes from "./results.module.css";
import { cardOf, type Hba1cUnit, hasTwoUnits, type Reading, readingsOf } from "./series-reading.ts";
import { SourceNames } from "./source-names.tsx";
import { useSourceOpener } from "./source-opener.ts";

const TrendChart = lazy(async () => ({ default: (await import("./trend-chart.tsx")).TrendChart }));

type SeriesDetailProps = {
  readonly series: Series;
  readonly unit: Hba1cUnit;
  readonly onUnit: (unit: Hba1cUnit) => void;
  readonly onShare: (card: ResultCard) => void;
  readonly onBack: () => void;
};

export function SeriesDetail({ series, unit, onUnit, onShare, onBack }: SeriesDetailProps) {
  const { t } = useTranslation();
  const moments = useMoments();
  const readings = readingsOf(series, unit);
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined) return null;
  const chartLabel = t("results.chart", {
    name: series.name,
    count: readings.length,
    from: moments.day(first.point.atMs),
    to: moments.day(last.point.atMs),
  });
  return (
    <div className={classes.results}>
      <div className={classes.detailActs}>
        <Button
          variant="subtle"
          size="sm"
          leftSection={<IconArrowLeft size={18} aria-hidden className={classes.backward} />}
          onClick={onBack}
        >
          {t("results.all")}
        </Button>
        <Button
          variant="light"
          size="sm"
          leftSection={<IconShare2 size={18} aria-hidden />}
          onClick={() => onShare(cardOf(series, readings, last))}
        >
          {t("results.share")}
        </Button>
      </div>
      <div className={classes.detailHead}>
        <Title order={2}>
          <bdi>{series.name}</bdi>
        </Title>
        <div className={classes.rowValue}>
          <LtrValue className={classes.bigValue}>
            {last.text} <small>{last.unit}</small>
          </LtrValue>
          <ResultFlag flag={last.point.flag} />
        </div>
        <div className={classes.soft}>
          {moments.day(last.point.atMs)} · <SourceNames sources={last.point.sources} />
        </div>
        <ReferenceRange reading={last} />
      </div>
      {hasTwoUnits(series) && (
        <SegmentedControl
          aria-label={t("results.unit")}
          value={unit}
          onChange={(value) => onUnit(value === "ifcc" ? "ifcc" : "ngsp")}
          data={[
            { value: "ngsp", label: <UnitName name={t("results.ngsp")} unit="%" /> },
            { value: "ifcc", label: <UnitName name={t("results.ifcc")} unit="mmol/mol" /> },
          ]}
          classNames={{ label: classes.unitLabel }}
        />
      )}
      {readings.length > 1 && (
        <Suspense fallback={<Skeleton height={220} radius="md" />}>
          <TrendChart readings={readings} label={chartLabel} />
        </Suspense>
      )}
      <ValueTable series={series} readings={readings} />
      {readings.some(({ isConverted }) => isConverted) && <p className={classes.note}>{t("results.convertedNote")}</p>}
    </div>
  );
}

function UnitName({ name, unit }: { readonly name: string; readonly unit: string }) {
  return (
    <LtrValue>
      {name} {unit}
    </LtrValue>
  );
}

function ReferenceRange({ reading: { low, high, unit } }: { readonly reading: Reading }) {
  const { t } = useTranslation();
  if (low === undefined && high === undefined) return null;
  const key = low === undefined ? "rangeHigh" : high === undefined ? "rangeLow" : "rangeBoth";
  return (
    <div className={classes.soft}>
      <Sentence
        say={(values) => t(`results.${key}`, { low: "", high: "", ...values })}
        parts={{
          low: <LtrValue>{high === undefined ? `${low} ${unit ?? ""}` : low}</LtrValue>,
          high: (
            <LtrValue>
              {high} {unit}
            </LtrValue>
          ),
        }}
      />
    </div>
  );
}

type ValueTableProps = { readonly series: Series; readonly readings: readonly Reading[] };

/** The same values as the chart, for everyone who reads better than they see, and for the source of each. */
function ValueTable({ series, readings }: ValueTableProps) {
  const { t } = useTranslation();
  const moments = useMoments();
  const openSource = useSourceOpener();
  return (
    <Table className={classes.table} verticalSpacing={0}>
      <caption className="visually-hidden">{t("results.table", { name: series.name })}</caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{t("results.date")}</Table.Th>
          <Table.Th scope="col">{t("results.value")}</Table.Th>
          <Table.Th scope="col">{t("results.from")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {readings.toReversed().map((reading) => (
          <Table.Tr key={reading.point.id}>
            <Table.Td>{moments.day(reading.point.atMs)}</Table.Td>
            <Table.Td>
              <span className={classes.rowValue}>
                <LtrValue className={classes.cellValue}>
                  {reading.text} <small>{reading.unit}</small>
                </LtrValue>
                <ResultFlag flag={reading.point.flag} />
              </span>
            </Table.Td>
            <Table.Td>
              <button
                type="button"
                className={classes.sourceButton}
                onClick={() => openSource({ title: series.name, sources: reading.point.sources })}
              >
                <SourceNames sources={reading.point.sources} />
              </button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
