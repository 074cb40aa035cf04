import { IconShieldX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Alarm } from "../engine/engine.ts";
import { useEngineValue } from "../engine/use-engine.tsx";
import { alarmWords } from "../messages/failure-words.ts";
import { useMoments } from "../values/moment.ts";
import classes from "./frame.module.css";

/** What this device refused or misses, in words, until it is no longer so. One line for each kind and case. */
export function AlarmsBanner() {
  const { t } = useTranslation();
  const alarms = useEngineValue({ type: "alarms" }, (engine) => engine.alarms()) ?? [];
  if (alarms.length === 0) return null;
  return (
    <section aria-label={t("alarms.title")} className={classes.alarms}>
      {newestOfEach(alarms).map((alarm) => (
        <AlarmLine key={alarm.id} alarm={alarm} />
      ))}
    </section>
  );
}

function AlarmLine({ alarm }: { readonly alarm: Alarm }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const words = alarmWords(alarm.code);
  return (
    <div role="alert" className={classes.banner} data-tone="danger">
      <IconShieldX size={22} aria-hidden />
      <span>
        <strong>{t(`failure.${words}.what`)}</strong> {t(`failure.${words}.do`)}{" "}
        <span className={classes.alarmSeen}>{t("alarms.seen", { when: moments.dayAndTime(alarm.atMs) })}</span>
      </span>
      {alarm.spaceId !== undefined && (
        <Link href={`/case/${alarm.spaceId}`} className={classes.bannerLink}>
          {t("alarms.openCase")}
        </Link>
      )}
    </div>
  );
}

function newestOfEach(alarms: readonly Alarm[]): Alarm[] {
  const kinds = new Map<string, Alarm>();
  for (const alarm of [...alarms].sort((a, b) => a.atMs - b.atMs)) {
    kinds.set(`${alarmWords(alarm.code)} ${alarm.spaceId ?? ""}`, alarm);
  }
  return [...kinds.values()].reverse();
}
