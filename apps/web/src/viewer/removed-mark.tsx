import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import classes from "./viewer.module.css";

const OFFERED_MS = 8000;

type RemovedMarkProps = { readonly onUndo: () => void; readonly onForget: () => void };

export function RemovedMark({ onUndo, onForget }: RemovedMarkProps) {
  const { t } = useTranslation();
  const forget = useRef(onForget);
  forget.current = onForget;
  useEffect(() => {
    const timer = setTimeout(() => forget.current(), OFFERED_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" className={classes.notice}>
      <span>{t("viewer.markRemoved")}</span>
      <button type="button" className={classes.primary} onClick={onUndo}>
        {t("viewer.undo")}
      </button>
    </div>
  );
}
