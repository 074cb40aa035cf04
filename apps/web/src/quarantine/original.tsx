import type { QuarantineDetail } from "@caseroom/contract";
import { Button, Group, Title } from "@mantine/core";
import { IconDownload, IconPencil, IconUpload } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAct } from "../engine/use-act.ts";
import { useEngine } from "../engine/use-engine.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { LtrValue } from "../values/ltr-value.tsx";
import { MarkedText } from "./marked-text.tsx";
import classes from "./quarantine.module.css";
import { TextRepair } from "./text-repair.tsx";

type OriginalProps = { readonly detail: QuarantineDetail; readonly onVersion: (version: number | undefined) => void };

/** What it says, version by version; the newest can be mended, and every one can be had as it is. */
export function Original({ detail, onVersion }: OriginalProps) {
  const { t } = useTranslation();
  const [isEditing, setEditing] = useState(false);
  const { item, version, text, fields, versions } = detail;
  const canRepair = item.state === "waiting" && version === item.version && version > 0;
  return (
    <section aria-labelledby="original" className={classes.card}>
      <Title order={2} size="h3" id="original">
        {version > 1 ? t("quarantine.repairedTitle", { number: version }) : t("quarantine.originalTitle")}
      </Title>
      {versions.length > 1 && (
        <Group gap="xs">
          {versions.map((one) => (
            <Button
              key={one.version}
              size="sm"
              variant={one.version === version ? "light" : "subtle"}
              aria-pressed={one.version === version}
              onClick={() => onVersion(one.version === item.version ? undefined : one.version)}
            >
              {one.version === 1 ? t("quarantine.asItCame") : t("quarantine.versionNumber", { number: one.version })}
            </Button>
          ))}
        </Group>
      )}
      {isEditing && text !== null ? (
        <TextRepair detail={detail} text={text} onDone={() => setEditing(false)} />
      ) : (
        <>
          {text !== null && <MarkedText text={text} findings={detail.findings} labelledBy="original" />}
          {fields.length > 0 && (
            <dl className={classes.fields}>
              {fields.map(({ place, name, value }) => (
                <div key={place} data-faulty={detail.findings.some((finding) => finding.place === place)}>
                  <dt>
                    <LtrValue>{name}</LtrValue> <LtrValue className={classes.tag}>{place}</LtrValue>
                  </dt>
                  <dd>
                    <bdi>{value}</bdi>
                  </dd>
                </div>
              ))}
            </dl>
          )}
          {version === 0 && <p className={classes.soft}>{t("quarantine.packText")}</p>}
          {version > 0 && text === null && fields.length === 0 && (
            <p className={classes.soft}>{t("quarantine.noText")}</p>
          )}
          <Group gap="sm">
            {canRepair && text !== null && (
              <Button
                variant="light"
                leftSection={<IconPencil size={18} aria-hidden />}
                onClick={() => setEditing(true)}
              >
                {t("quarantine.edit")}
              </Button>
            )}
            {canRepair && text === null && <FileRepair detail={detail} />}
            {version > 0 && <Download detail={detail} />}
          </Group>
        </>
      )}
    </section>
  );
}

function Download({ detail }: { readonly detail: QuarantineDetail }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const { run, isRunning, failure } = useAct();
  const { item, version } = detail;
  const save = (bytes: Blob) => {
    const url = URL.createObjectURL(bytes);
    const anchor = document.createElement("a");
    anchor.href = url;
    anchor.download = `quarantine-${item.id}-${version}${extensionOf(item.mediaType)}`;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconDownload size={18} aria-hidden />}
        loading={isRunning}
        onClick={() => void run(() => engine.quarantinedBytes(item.id, version), save)}
      >
        {t("quarantine.download")}
      </Button>
      <FailureNote code={failure} />
    </>
  );
}

/** Bytes that are mended elsewhere, with a tool for their kind. */
function FileRepair({ detail }: { readonly detail: QuarantineDetail }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const { run, isRunning, failure } = useAct();
  const field = useRef<HTMLInputElement>(null);
  const { item } = detail;
  return (
    <>
      <Button
        variant="light"
        leftSection={<IconUpload size={18} aria-hidden />}
        loading={isRunning}
        onClick={() => field.current?.click()}
      >
        {t("quarantine.upload")}
      </Button>
      <input
        ref={field}
        type="file"
        hidden
        aria-label={t("quarantine.upload")}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) void run(() => engine.repairQuarantined(item.id, item.version, file));
          event.currentTarget.value = "";
        }}
      />
      <FailureNote code={failure} />
    </>
  );
}

const EXTENSIONS = [
  ["x-application/hl7-v2", ".hl7"],
  ["application/fhir+json", ".json"],
  ["application/xml", ".xml"],
  ["application/dicom", ".dcm"],
] as const;

function extensionOf(mediaType: string): string {
  return EXTENSIONS.find(([prefix]) => mediaType.startsWith(prefix))?.[1] ?? "";
}
