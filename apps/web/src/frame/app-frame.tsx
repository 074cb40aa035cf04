import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link, Route, Switch } from "wouter";
import { CreateCase } from "../create-case/create-case.tsx";
import type { EngineStatus } from "../engine/engine.ts";
import { Home } from "../home/home.tsx";
import { DropTarget } from "../import/drop-target.tsx";
import { ImportPage } from "../import/import-page.tsx";
import { ImportProvider } from "../import/use-import.tsx";
import { CaseNotFound } from "../room/case-not-found.tsx";
import { CasePage } from "../room/case-page.tsx";
import { isSpaceId } from "../room/space-id.ts";
import { AlarmsBanner } from "./alarms-banner.tsx";
import { CaseroomMark } from "./caseroom-mark.tsx";
import { ConnectionBanner, SyncBanner } from "./connection-banner.tsx";
import { DeviceRequests } from "./device-requests.tsx";
import classes from "./frame.module.css";
import { SettingsMenu } from "./settings-menu.tsx";

// Tasks of few people, which the others need not wait for.
const QuarantinePage = lazy(async () => ({
  default: (await import("../quarantine/quarantine-page.tsx")).QuarantinePage,
}));
const ItemPage = lazy(async () => ({ default: (await import("../quarantine/item-page.tsx")).ItemPage }));
const LinksPage = lazy(async () => ({ default: (await import("../links/links-page.tsx")).LinksPage }));

type CaseParams = { readonly spaceId: string; readonly pane: string | undefined; readonly study: string | undefined };

/** What stands around every screen of someone who is signed in. */
export function AppFrame({ status }: { readonly status: EngineStatus }) {
  const { t } = useTranslation();
  const me = status.me;
  return (
    <ImportProvider>
      <div className={classes.frame}>
        <DropTarget institution={status.institution} />
        <a href="#content" className={classes.skip}>
          {t("app.skip")}
        </a>
        <header className={classes.top}>
          <Link href="/" className={classes.brand}>
            <CaseroomMark size={28} />
            <span className={classes.brandName}>{t("app.name")}</span>
          </Link>
          <span className={classes.institution}>
            <bdi>{status.institution}</bdi>
          </span>
          <SettingsMenu status={status} />
        </header>
        <AlarmsBanner />
        <ConnectionBanner status={status} />
        <SyncBanner status={status} />
        <DeviceRequests />
        <Switch>
          <Route path="/import">
            <ImportPage institution={status.institution} />
          </Route>
          <Route path="/quarantine">
            <Suspense>
              <QuarantinePage institution={status.institution} />
            </Suspense>
          </Route>
          <Route<{ readonly id: string }, string> path="/quarantine/:id">
            {({ id }) => (
              <Suspense>
                <ItemPage key={id} id={id} institution={status.institution} />
              </Suspense>
            )}
          </Route>
          <Route path="/links">
            <Suspense>
              <LinksPage institution={status.institution} />
            </Suspense>
          </Route>
          <Route path="/new">
            <CreateCase institution={status.institution} />
          </Route>
          <Route<CaseParams, string> path="/case/:spaceId/:pane?/:study?">
            {({ spaceId, pane, study }) =>
              isSpaceId(spaceId) ? (
                <CasePage key={spaceId} spaceId={spaceId} pane={pane} study={study} me={me} />
              ) : (
                <CaseNotFound />
              )
            }
          </Route>
          <Route>
            <Home me={me} />
          </Route>
        </Switch>
      </div>
    </ImportProvider>
  );
}
