import { useTranslation } from "react-i18next";
import { LtrValue } from "../values/ltr-value.tsx";
import classes from "./viewer.module.css";

type ScrubberProps = {
  readonly index: number;
  readonly count: number;
  readonly arrived: number;
  readonly onGo: (index: number) => void;
};

/** Where one is in the stack, and how much of it has come. */
export function Scrubber({ index, count, arrived, onGo }: ScrubberProps) {
  const { t } = useTranslation();
  if (count === 0) return null;
  return (
    <div className={classes.scrubber}>
      <input
        type="range"
        dir="ltr"
        className={classes.range}
        min={1}
        max={count}
        value={index + 1}
        disabled={count < 2}
        aria-label={t("viewer.imageOf", { number: index + 1, count })}
        onChange={(event) => onGo(Number(event.currentTarget.value) - 1)}
      />
      <div className={classes.progress} data-done={arrived >= count}>
        <progress className="visually-hidden" max={count} value={arrived} aria-label={t("viewer.arrived")} />
        <span className={classes.bar} aria-hidden style={{ inlineSize: `${(100 * arrived) / count}%` }} />
      </div>
      {arrived < count && (
        <span className={classes.count}>
          <LtrValue>{t("viewer.arrivedOf", { arrived, total: count })}</LtrValue>
        </span>
      )}
    </div>
  );
}
