import { useTranslation } from "react-i18next";
import { useMoments } from "../values/moment.ts";
import { PersonName } from "../values/person-name.tsx";
import { DeliveryMark, ProvisionalMark } from "./delivery-mark.tsx";
import type { MessageItem } from "./message-item.ts";
import { ResultCardView } from "./result-card.tsx";
import classes from "./room.module.css";

type MessageProps = {
  readonly message: MessageItem;
  /** The same author goes on in the same breath: the name is not said again. */
  readonly goesOn: boolean;
  readonly onOpenSeries: (key: string) => void;
};

export function Message({ message, goesOn, onOpenSeries }: MessageProps) {
  const { t } = useTranslation();
  const moments = useMoments();
  const { author, card } = message;
  return (
    <article className={classes.message} data-mine={message.mine} data-goes-on={goesOn}>
      <header className={goesOn ? "visually-hidden" : classes.author}>
        {message.mine ? <strong>{t("room.you")}</strong> : <PersonName name={author.name} strong />}
        {!message.mine && (
          <span className={classes.soft}>
            <bdi>{author.institution}</bdi>
          </span>
        )}
      </header>
      <div className={classes.bubble}>
        {message.text !== "" && (
          <p className={classes.text} dir="auto">
            {message.text}
          </p>
        )}
        {card !== undefined && <ResultCardView card={card} onOpen={() => onOpenSeries(card.key)} />}
        <footer className={classes.foot}>
          {message.proof === "provisional" && <ProvisionalMark />}
          <time dateTime={new Date(message.atMs).toISOString()}>{moments.time(message.atMs)}</time>
          {message.mine && <DeliveryMark message={message} />}
        </footer>
      </div>
    </article>
  );
}
