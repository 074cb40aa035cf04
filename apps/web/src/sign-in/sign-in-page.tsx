import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { EngineStatus } from "../engine/engine.ts";
import { CaseroomMark } from "../frame/caseroom-mark.tsx";
import { SettingsMenu } from "../frame/settings-menu.tsx";
import classes from "./sign-in.module.css";

/** The page before anything may be opened: what Caseroom is, and one card. */
export function SignInPage({ status, children }: { readonly status: EngineStatus; readonly children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <span className={classes.brand}>
          <CaseroomMark size={36} />
          <span>{t("app.name")}</span>
        </span>
        <SettingsMenu status={status} />
      </header>
      <main className={classes.main} id="content" tabIndex={-1}>
        <p className={classes.promise}>{t("signIn.promise")}</p>
        <div className={classes.card}>{children}</div>
      </main>
    </div>
  );
}
