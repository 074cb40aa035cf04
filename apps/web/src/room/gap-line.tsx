import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { RoomItem } from "../engine/engine.ts";
import { alarmWords } from "../messages/failure-words.ts";
import { Sentence } from "../messages/sentence.tsx";
import { PersonName } from "../values/person-name.tsx";
import classes from "./room.module.css";

type GapItem = Extract<RoomItem, { type: "gap" }>;

/** A hole that is shown as a hole. */
export function GapLine({ gap }: { readonly gap: GapItem }) {
  const { t } = useTranslation();
  const words = alarmWords(gap.code);
  return (
    <div className={classes.gap}>
      <IconAlertTriangle size={20} aria-hidden />
      <div>
        <strong>
          {gap.author === undefined ? (
            t("room.gap")
          ) : (
            <Sentence
              say={(values) => t("room.gapFrom", { who: "", ...values })}
              parts={{ who: <PersonName name={gap.author} /> }}
            />
          )}
        </strong>
        <div>
          {t(`failure.${words}.what`)} {t(`failure.${words}.do`)}
        </div>
      </div>
    </div>
  );
}
