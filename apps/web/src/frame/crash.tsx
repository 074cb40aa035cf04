import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { Component, type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useEngineLink } from "../engine/use-engine.tsx";
import { FullPage } from "./full-page.tsx";

type CrashBoundaryState = { readonly crashed: boolean };

/** A screen that throws shows what to do next; what it threw is not shown, it could hold content. */
export class CrashBoundary extends Component<{ readonly children: ReactNode }, CrashBoundaryState> {
  static getDerivedStateFromError(): CrashBoundaryState {
    return { crashed: true };
  }

  override state: CrashBoundaryState = { crashed: false };

  override render() {
    return this.state.crashed ? <CrashPage /> : this.props.children;
  }
}

/** Shows the same page when the engine itself has stopped. */
export function EngineCrashGuard({ children }: { readonly children: ReactNode }) {
  const link = useEngineLink();
  const [crashed, setCrashed] = useState(false);
  useEffect(() => link.onCrash(() => setCrashed(true)), [link]);
  return crashed ? <CrashPage /> : children;
}

function CrashPage() {
  const { t } = useTranslation();
  return (
    <FullPage icon={<IconPlugConnectedX size={40} aria-hidden />} title={t("app.broken")} text={t("app.brokenDo")}>
      <Button onClick={() => location.reload()}>{t("app.reload")}</Button>
    </FullPage>
  );
}
