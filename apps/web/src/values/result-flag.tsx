import type { ResultCard } from "@caseroom/clinical";
import { IconAlertTriangle, IconArrowDown, IconArrowUp, IconHelpCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./values.module.css";

const ICONS = { low: IconArrowDown, high: IconArrowUp, critical: IconAlertTriangle, implausible: IconHelpCircle };

/** Low, high, critical or implausible, in a word and an icon: colour alone would not reach everyone. */
export function ResultFlag({ flag }: { readonly flag: ResultCard["flag"] }) {
  const { t } = useTranslation();
  if (flag === undefined) return null;
  const Icon = ICONS[flag];
  return (
    <span className={classes.flag} data-flag={flag}>
      <Icon size={14} aria-hidden />
      {t(`results.${flag}`)}
    </span>
  );
}
