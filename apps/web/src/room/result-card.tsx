import type { ResultCard } from "@caseroom/clinical";
import { Button } from "@mantine/core";
import { IconChartLine } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { LtrValue } from "../values/ltr-value.tsx";
import { useMoments } from "../values/moment.ts";
import { ResultFlag } from "../values/result-flag.tsx";
import { Sparkline } from "../values/sparkline.tsx";
import classes from "./room.module.css";

type ResultCardProps = { readonly card: ResultCard; readonly onOpen?: () => void };

/** One result as it stands in a message: value, when, where from, and how it went before. */
export function ResultCardView({ card, onOpen }: ResultCardProps) {
  const { t } = useTranslation();
  const moments = useMoments();
  const values = card.trend.map(({ value }) => value);
  return (
    <div className={classes.card}>
      <div className={classes.cardName}>
        <bdi>{card.name}</bdi>
        <ResultFlag flag={card.flag} />
      </div>
      <div className={classes.cardMain}>
        <LtrValue className={classes.cardValue}>
          {card.text} <small>{card.unit}</small>
        </LtrValue>
        <Sparkline
          trend={card.trend}
          label={t("room.trendOf", { count: values.length, first: values[0], last: values.at(-1) })}
        />
      </div>
      <div className={classes.soft}>
        {moments.day(card.atMs)} · <bdi>{card.source}</bdi>
      </div>
      {onOpen !== undefined && (
        <Button variant="light" size="sm" leftSection={<IconChartLine size={17} aria-hidden />} onClick={onOpen}>
          {t("room.openInRecord")}
        </Button>
      )}
    </div>
  );
}
