import { Loader } from "@mantine/core";
import { IconWindow } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { EngineStatus } from "../engine/engine.ts";
import { useEngineValue } from "../engine/use-engine.tsx";
import { AwaitingApproval } from "../sign-in/awaiting-approval.tsx";
import { SignIn } from "../sign-in/sign-in.tsx";
import { AppFrame } from "./app-frame.tsx";
import { EngineCrashGuard } from "./crash.tsx";
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

function Starting() {
  const { t } = useTranslation();
  return (
    <main className={classes.fullPage}>
      <div role="status" className={classes.starting}>
        <Loader size="md" aria-hidden />
        <span>{t("app.starting")}</span>
      </div>
    </main>
  );
}
