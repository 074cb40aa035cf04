import { Button, Loader } from "@mantine/core";
import { IconWindow } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { EngineStatus } from "../engine/engine.ts";
import { useEngineValue } from "../engine/use-engine.tsx";
import { AwaitingApproval } from "../sign-in/awaiting-approval.tsx";
import { SignIn } from "../sign-in/sign-in.tsx";
import { AppFrame } from "./app-frame.tsx";
import { EngineCrashGuard } from "./crash.tsx";
import { FailureNote } from "./failure-note.tsx";
import classes from "./frame.module.css";
import { FullPage } from "./full-page.tsx";

export function App() {
  return (
    <EngineCrashGuard>
      <Phase />
    </EngineCrashGuard>
  );
}

function Phase() {
  const status = useEngineValue({ type: "status" }, (engine) => engine.status());
  return status === undefined ? <Starting /> : <PhaseOf status={status} />;
}

function PhaseOf({ status }: { readonly status: EngineStatus }) {
  const { t } = useTranslation();
  switch (status.phase) {
    case "starting":
      return <Starting />;
    case "signed-out":
      return <SignIn status={status} />;
    case "awaiting-approval":
      return <AwaitingApproval status={status} />;
    case "follower":
      return (
        <FullPage
          icon={<IconWindow size={40} aria-hidden />}
          title={t("app.otherWindow")}
          text={t("app.otherWindowDo")}
        />
      );
    case "syncing":
    case "ready":
      return <AppFrame status={status} />;
  }
}

const PATIENCE_MS = 12_000;

/** Opening takes a moment; when it takes long, the reason is nearly always that nobody answers, and that is said. */
function Starting() {
  const { t } = useTranslation();
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className={classes.fullPage}>
      <div className={classes.fullPageCard}>
        <div role="status" className={classes.starting}>
          <Loader size="md" aria-hidden />
          <span>{t("app.starting")}</span>
        </div>
        {isLong && (
          <>
            <FailureNote code="UNAVAILABLE" />
            <Button variant="default" onClick={() => location.reload()}>
              {t("app.reload")}
            </Button>
          </>
        )}
      </div>
    </main>
  );
}
