import { Tooltip, UnstyledButton } from "@mantine/core";
import { IconCheck, IconChecks, IconClock, IconEye, IconHourglass } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useMoments } from "../values/moment.ts";
import type { MessageItem } from "./message-item.ts";
import classes from "./room.module.css";

const ICONS = { queued: IconClock, stored: IconCheck, delivered: IconChecks, read: IconEye };
const EVENTS = { hover: true, focus: true, touch: true };

/** How far a message of one's own has come, and who has it. */
export function DeliveryMark({ message }: { readonly message: MessageItem }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const Icon = ICONS[message.state];
  const state = t(`room.state.${message.state}`);
  const who = [
    ...(message.readBy.length === 0 ? [] : [t("room.state.readBy", { names: moments.list(message.readBy) })]),
    ...(message.deliveredTo.length === 0
      ? []
      : [t("room.state.deliveredTo", { names: moments.list(message.deliveredTo) })]),
  ];
  const lines = who.length === 0 ? [state] : who;
  return (
    <Tooltip label={<TooltipLines lines={lines} />} events={EVENTS}>
      <UnstyledButton className={`${classes.mark} touchable`} data-state={message.state}>
        <span className="visually-hidden">{lines.join(". ")}</span>
        <Icon size={16} aria-hidden />
        <span aria-hidden>{message.state === "queued" ? null : shortCount(message)}</span>
      </UnstyledButton>
    </Tooltip>
  );
}

/** The author is known, the log has not yet proven when. */
export function ProvisionalMark() {
  const { t } = useTranslation();
  const why = t("room.provisional");
  return (
    <Tooltip label={why} events={EVENTS}>
      <UnstyledButton className={`${classes.mark} touchable`} aria-label={why}>
        <IconHourglass size={15} aria-hidden />
      </UnstyledButton>
    </Tooltip>
  );
}

function shortCount({ state, readBy, deliveredTo }: MessageItem): string {
  if (state === "read") return String(readBy.length || "");
  return state === "delivered" ? String(deliveredTo.length || "") : "";
}

function TooltipLines({ lines }: { readonly lines: readonly string[] }) {
  return lines.map((line) => <div key={line}>{line}</div>);
}
