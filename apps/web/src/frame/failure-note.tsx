import type { ErrorCode } from "@caseroom/contract";
import { notifications } from "@mantine/notifications";
import { IconAlertCircle } from "@tabler/icons-react";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { FAILURE_WORDS } from "../messages/failure-words.ts";
import classes from "./frame.module.css";

/** What happened and what to do now, in plain words, where it happened. */
export function FailureNote({ code }: { readonly code: ErrorCode | undefined }) {
  const { t } = useTranslation();
  if (code === undefined) return null;
  const words = FAILURE_WORDS[code];
  return (
    <div role="alert" className={classes.failure}>
      <IconAlertCircle size={20} aria-hidden />
      <div>
        <strong>{t(`failure.${words}.what`)}</strong>
        <div>{t(`failure.${words}.do`)}</div>
      </div>
    </div>
  );
}

/** A short good word after an act. */
export function useToast(): (message: string) => void {
  const { t } = useTranslation();
  return useCallback(
    (message) => {
      notifications.show({ message, autoClose: 4000, closeButtonProps: { "aria-label": t("app.close") } });
    },
    [t],
  );
}
