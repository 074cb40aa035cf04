import { Tooltip, UnstyledButton } from "@mantine/core";
import { IconShieldCheck, IconShieldHalf, IconShieldX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { RecordView } from "../engine/engine.ts";
import classes from "./verified-indicator.module.css";

/** How much of the record this device has itself checked, and whether it refused any of it. */
export function VerifiedIndicator({ record }: { readonly record: RecordView }) {
  const { t } = useTranslation();
  const isWhole = record.verified >= record.total;
  const tone = record.refused > 0 ? "danger" : isWhole ? "good" : "busy";
  const Icon = record.refused > 0 ? IconShieldX : isWhole ? IconShieldCheck : IconShieldHalf;
  const why = record.refused > 0 ? t("record.refusedDo") : isWhole ? t("record.verifiedAll") : t("record.verifying");
  return (
    <Tooltip label={why} events={{ hover: true, focus: true, touch: true }}>
      <UnstyledButton className={`${classes.verified} touchable`} data-tone={tone}>
        <Icon size={17} aria-hidden />
        <span>
          {t("record.verified", { verified: record.verified, total: record.total })}
          {record.refused > 0 && ` · ${t("record.refused", { count: record.refused })}`}
        </span>
        <span className="visually-hidden">. {why}</span>
      </UnstyledButton>
    </Tooltip>
  );
}
