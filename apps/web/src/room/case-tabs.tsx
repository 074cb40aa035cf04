import type { SpaceId } from "@caseroom/contract";
import { IconFolders, IconHeartRateMonitor, IconMessage } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import classes from "./case-page.module.css";

/** The three columns of the desktop as three places of the phone, under the thumb. */
export function CaseTabs({ spaceId, shown }: { readonly spaceId: SpaceId; readonly shown: "room" | "record" }) {
  const { t } = useTranslation();
  return (
    <nav className={classes.tabs} aria-label={t("case.areas")}>
      <Link href="/">
        <IconFolders size={22} aria-hidden />
        {t("case.cases")}
      </Link>
      <Link href={`/case/${spaceId}`} aria-current={shown === "room" ? "page" : undefined}>
        <IconMessage size={22} aria-hidden />
        {t("case.conversation")}
      </Link>
      <Link href={`/case/${spaceId}/record`} aria-current={shown === "record" ? "page" : undefined}>
        <IconHeartRateMonitor size={22} aria-hidden />
        {t("case.record")}
      </Link>
    </nav>
  );
}
