import type { QuarantineDetail } from "@caseroom/contract";
import { Button, Group, Textarea } from "@mantine/core";
import { IconArchive, IconRepeat } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useAct } from "../engine/use-act.ts";
import { useEngine } from "../engine/use-engine.tsx";
import { Dialog } from "../frame/dialog.tsx";
import { FailureNote, useToast } from "../frame/failure-note.tsx";
import classes from "./quarantine.module.css";

type ItemActsProps = { readonly detail: QuarantineDetail; readonly onVersion: (version: number | undefined) => void };

/** Send the shown version in again, or close the item. */
export function ItemActs({ detail, onVersion }: ItemActsProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [isAsking, setAsking] = useState(false);
  const { run, isRunning, failure } = useAct();
  const { item, version } = detail;
  const replay = async () => {
    if (!(await run(() => engine.replayQuarantined(item.id, Math.max(1, version))))) return;
    toast(t("quarantine.replayed"));
    navigate("/quarantine");
  };
  const isNewest = version === item.version;
  return (
    <div className={classes.acts}>
      <Group gap="sm">
        <Button leftSection={<IconRepeat size={18} aria-hidden />} loading={isRunning} onClick={() => void replay()}>
          {isNewest ? t("quarantine.replay") : t("quarantine.replayVersion", { number: version })}
        </Button>
        <Button
          variant="default"
          leftSection={<IconArchive size={18} aria-hidden />}
          disabled={isRunning}
          onClick={() => setAsking(true)}
        >
          {t("quarantine.discard")}
        </Button>
        {!isNewest && (
          <Button variant="subtle" onClick={() => onVersion(undefined)}>
            {t("quarantine.toNewest")}
          </Button>
        )}
      </Group>
      {failure !== undefined && <NotTaken code={failure} />}
      <Dialog opened={isAsking} onClose={() => setAsking(false)} title={t("quarantine.discardTitle")}>
        <Discard id={item.id} />
      </Dialog>
    </div>
  );
}

const STILL = ["PATIENT_MISMATCH", "SOURCE_INCOMPLETE", "SOURCE_UNREADABLE", "SOURCE_UNSUPPORTED", "DUPLICATE"];

/** A refused replay is no fault of the person: what is wrong stands below, as judged anew. */
function NotTaken({ code }: { readonly code: Parameters<typeof FailureNote>[0]["code"] }) {
  const { t } = useTranslation();
  if (code === "STALE_VIEW") return <p role="alert">{t("quarantine.stale")}</p>;
  if (code === undefined || !STILL.includes(code)) return <FailureNote code={code} />;
  return (
    <p role="alert" className={classes.notTaken}>
      {t("quarantine.stillNot")}
    </p>
  );
}

const MIN_REASON = 3;

function Discard({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const toast = useToast();
  const [, navigate] = useLocation();
  const { run, isRunning, failure } = useAct();
  const [reason, setReason] = useState("");
  const discard = async () => {
    if (!(await run(() => engine.discardQuarantined(id, reason)))) return;
    toast(t("quarantine.discarded"));
    navigate("/quarantine");
  };
  return (
    <form
      className={classes.discard}
      onSubmit={(event) => {
        event.preventDefault();
        void discard();
      }}
    >
      <p className={classes.soft}>{t("quarantine.discardLead")}</p>
      <Textarea
        label={t("quarantine.reason")}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={500}
        minRows={2}
        autosize
        data-autofocus
      />
      <FailureNote code={failure} />
      <Button type="submit" loading={isRunning} disabled={reason.trim().length < MIN_REASON}>
        {t("quarantine.discard")}
      </Button>
    </form>
  );
}
