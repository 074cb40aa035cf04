import type { QuarantineDetail } from "@caseroom/contract";
import { Button, Group, Textarea } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAct } from "../engine/use-act.ts";
import { useEngine } from "../engine/use-engine.tsx";
import { FailureNote, useToast } from "../frame/failure-note.tsx";
import classes from "./quarantine.module.css";

type TextRepairProps = { readonly detail: QuarantineDetail; readonly text: string; readonly onDone: () => void };

/** The text to be mended, with the faulty place selected. Saved as a further version: what came stays as it came. */
export function TextRepair({ detail, text, onDone }: TextRepairProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const toast = useToast();
  const field = useRef<HTMLTextAreaElement>(null);
  const [mended, setMended] = useState(text);
  const { run, isRunning, failure } = useAct();
  const { item, findings } = detail;
  const mark = findings.find((finding) => finding.mark !== null)?.mark;
  useEffect(() => {
    field.current?.focus();
    if (mark !== undefined && mark !== null) field.current?.setSelectionRange(mark.from, mark.to);
  }, [mark]);
  const save = async () => {
    if (!(await run(() => engine.repairQuarantined(item.id, item.version, mended)))) return;
    toast(t("quarantine.saved"));
    onDone();
  };
  return (
    <form
      className={classes.repair}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Textarea
        ref={field}
        label={t("quarantine.editLabel")}
        description={t("quarantine.editHint")}
        value={mended}
        onChange={(event) => setMended(event.currentTarget.value)}
        classNames={{ input: classes.editor ?? "" }}
        dir="ltr"
        spellCheck={false}
        autosize
        minRows={6}
        maxRows={24}
      />
      {failure === "STALE_VIEW" ? <p role="alert">{t("quarantine.stale")}</p> : <FailureNote code={failure} />}
      <Group gap="sm">
        <Button type="submit" loading={isRunning} disabled={mended === text}>
          {t("quarantine.save", { number: item.version + 1 })}
        </Button>
        <Button variant="default" onClick={onDone}>
          {t("app.cancel")}
        </Button>
      </Group>
    </form>
  );
}
