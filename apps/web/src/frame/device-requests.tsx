import { Button, Group, Stack, TextInput } from "@mantine/core";
import { IconDeviceMobilePlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeviceRequest } from "../engine/engine.ts";
import { useAct } from "../engine/use-act.ts";
import { useEngine, useEngineValue } from "../engine/use-engine.tsx";
import { useMoments } from "../values/moment.ts";
import { Dialog } from "./dialog.tsx";
import { FailureNote, useToast } from "./failure-note.tsx";
import classes from "./frame.module.css";

/** A further device of this person asks to be let in: the banner on every screen, and the dialog in which its code is typed. */
export function DeviceRequests() {
  const { t } = useTranslation();
  const requests = useEngineValue({ type: "device-requests" }, (engine) => engine.deviceRequests()) ?? [];
  const [isOpen, setOpen] = useState(false);
  const first = requests[0];
  if (first === undefined) return null;
  return (
    <>
      <div role="status" className={classes.banner} data-tone="accent">
        <IconDeviceMobilePlus size={22} aria-hidden />
        <span>
          <strong>{t("devices.banner", { count: requests.length })}</strong> {t("devices.bannerDo")}
        </span>
        <Button size="sm" variant="default" onClick={() => setOpen(true)}>
          {t("devices.review")}
        </Button>
      </div>
      <Dialog opened={isOpen} onClose={() => setOpen(false)} title={t("devices.title")}>
        <DeviceRequestForm key={first.requestId} request={first} onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function DeviceRequestForm({ request, onDone }: { readonly request: DeviceRequest; readonly onDone: () => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const moments = useMoments();
  const toast = useToast();
  const [code, setCode] = useState("");
  const [isMissing, setMissing] = useState(false);
  const { run, isRunning, failure } = useAct();

  const approve = async (event: FormEvent) => {
    event.preventDefault();
    setMissing(code.trim() === "");
    if (code.trim() === "") return;
    if (!(await run(() => engine.approveDevice(request.requestId, code.trim())))) return;
    toast(t("devices.approved"));
    onDone();
  };
  const refuse = async () => {
    if (!(await run(() => engine.refuseDevice(request.requestId)))) return;
    toast(t("devices.refused"));
    onDone();
  };

  return (
    <form onSubmit={(event) => void approve(event)} noValidate>
      <Stack>
        <p className={classes.plain}>{t("devices.lead", { when: moments.dayAndTime(request.atMs) })}</p>
        <TextInput
          label={t("devices.code")}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={isMissing ? t("devices.missingCode") : undefined}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          dir="ltr"
          data-autofocus
          classNames={{ input: classes.codeInput }}
        />
        <FailureNote code={failure} />
        <p className={classes.warnText}>{t("devices.warning")}</p>
        <Group justify="space-between">
          <Button variant="light" color="red" onClick={() => void refuse()} disabled={isRunning}>
            {t("devices.refuse")}
          </Button>
          <Button type="submit" loading={isRunning}>
            {t("devices.approve")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
