import { useTranslation } from "react-i18next";
import type { RoomItem } from "../engine/engine.ts";
import { Sentence } from "../messages/sentence.tsx";
import { useMoments } from "../values/moment.ts";
import { PersonName } from "../values/person-name.tsx";
import classes from "./room.module.css";

type EventItem = Extract<RoomItem, { type: "event" }>;

/** What happened to the case itself. */
export function EventLine({ event }: { readonly event: EventItem }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const key = keyOf(event);
  return (
    <p className={classes.event}>
      <Sentence
        say={(values) => t(`room.event.${key}`, { who: "", by: "", ...values })}
        parts={{
          who: <PersonName name={event.who} strong />,
          ...(event.by === undefined ? {} : { by: <PersonName name={event.by} /> }),
        }}
      />
      <time dateTime={new Date(event.atMs).toISOString()}> · {moments.time(event.atMs)}</time>
    </p>
  );
}

function keyOf({ event, by }: EventItem) {
  switch (event) {
    case "invited":
      return by === undefined ? "invited" : "invitedBy";
    case "removed":
      return by === undefined ? "removed" : "removedBy";
    case "record-linked":
      return "recordLinked";
    case "created":
    case "joined":
    case "declined":
      return event;
  }
}
