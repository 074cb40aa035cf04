import { Button } from "@mantine/core";
import { IconFolderQuestion } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { EmptyState } from "../frame/empty-state.tsx";

export function CaseNotFound() {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  return (
    <main id="content" tabIndex={-1}>
      <EmptyState
        isPage
        icon={<IconFolderQuestion size={30} aria-hidden />}
        title={t("case.notFound")}
        text={t("case.notFoundDo")}
      >
        <Button variant="light" onClick={() => navigate("/")}>
          {t("case.allCases")}
        </Button>
      </EmptyState>
    </main>
  );
}
