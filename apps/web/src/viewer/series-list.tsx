import { IconEyeOff, IconPhoto, IconPlayerPlay } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { HiddenReason, SeriesView } from "../engine/imaging.ts";
import { SeriesLine } from "./overlay.tsx";
import type { Stack } from "./stack.ts";
import classes from "./viewer.module.css";

type SeriesListProps = {
  readonly series: readonly SeriesView[];
  readonly stacks: readonly Stack[];
  readonly openKey: string | undefined;
  readonly onOpen: (stack: Stack) => void;
};

/** The series of the study; what cannot be shown is named with the reason, never left out. */
export function SeriesList({ series, stacks, openKey, onOpen }: SeriesListProps) {
  const { t } = useTranslation();
  return (
    <nav className={classes.side} aria-label={t("viewer.series")}>
      <h2 className={classes.sideTitle}>{t("viewer.series")}</h2>
      <ul className={classes.seriesList}>
        {series.map((one) => (
          <li key={one.series}>
            {stacks
              .filter((stack) => stack.series.series === one.series && stack.images.length > 0)
              .map((stack) => (
                <button
                  key={stack.key}
                  type="button"
                  className={classes.seriesButton}
                  aria-current={stack.key === openKey}
                  onClick={() => onOpen(stack)}
                >
                  {stack.isMoving ? <IconPlayerPlay size={18} aria-hidden /> : <IconPhoto size={18} aria-hidden />}
                  <span className={classes.markFacts}>
                    <SeriesLine modality={one.modality} number={one.number} description={one.description} />
                    <span className={classes.soft}>
                      {stack.isMoving
                        ? t("viewer.frames", { count: stack.images.length })
                        : t("imaging.images", { count: stack.images.length })}
                    </span>
                  </span>
                </button>
              ))}
            <HiddenObjects series={one} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function HiddenObjects({ series }: { readonly series: SeriesView }) {
  const { t } = useTranslation();
  const reasons = new Map<HiddenReason, number>();
  for (const { hidden } of series.objects)
    if (hidden !== undefined) reasons.set(hidden, (reasons.get(hidden) ?? 0) + 1);
  return [...reasons].map(([reason, count]) => (
    <div key={reason} className={classes.hidden}>
      <IconEyeOff size={18} aria-hidden />
      <span className={classes.markFacts}>
        <SeriesLine modality={series.modality} number={series.number} description={series.description} />
        <span className={classes.soft}>
          {t("viewer.cannotShow", { count })} {t(`viewer.hidden.${reason}`)}
        </span>
      </span>
    </div>
  ));
}
