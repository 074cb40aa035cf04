import type { ResultCard } from "@caseroom/clinical";
import { Button } from "@mantine/core";
import { IconArrowDown, IconLock, IconMessagePlus } from "@tabler/icons-react";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { RoomItem, RoomView } from "../engine/engine.ts";
import { EmptyState } from "../frame/empty-state.tsx";
import { useMoments } from "../values/moment.ts";
import { Composer } from "./composer.tsx";
import { EventLine } from "./event-line.tsx";
import { GapLine } from "./gap-line.tsx";
import { ImagingCardView } from "./imaging-card.tsx";
import { Message } from "./message.tsx";
import classes from "./room.module.css";
import { useStickToNewest } from "./stick-to-newest.ts";
import { useUnreadLine } from "./unread.ts";

type RoomProps = {
  readonly room: RoomView;
  readonly card: ResultCard | undefined;
  readonly onCard: (card: ResultCard | undefined) => void;
  readonly onOpenSeries: (key: string) => void;
  readonly onOpenStudy: (study: string) => void;
  readonly isShown: boolean;
};

export function Room({ room, card, onCard, onOpenSeries, onOpenStudy, isShown }: RoomProps) {
  const { t } = useTranslation();
  const line = useUnreadLine(room.spaceId, room.items, isShown);
  const { scroller, isAway, toNewest } = useStickToNewest(room.items.length, line !== undefined && isShown);
  return (
    <div className={classes.room}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className={classes.stream} ref={scroller} tabIndex={0} role="log" aria-label={t("room.title")}>
        {room.items.length === 0 ? (
          <EmptyState
            icon={<IconMessagePlus size={30} aria-hidden />}
            title={t("room.empty")}
            text={t("room.emptyText")}
          />
        ) : (
          <ol className={classes.items}>
            {room.items.map((item, index) => (
              <Fragment key={item.id}>
                <DayLine atMs={item.atMs} previousMs={room.items[index - 1]?.atMs} />
                {line?.at === item.id && (
                  <li className={classes.unread} data-unread-line>
                    <span>{t("room.unreadLine")}</span>
                  </li>
                )}
                <li>
                  <Item
                    item={item}
                    previous={room.items[index - 1]}
                    onOpenSeries={onOpenSeries}
                    onOpenStudy={onOpenStudy}
                  />
                </li>
              </Fragment>
            ))}
          </ol>
        )}
      </div>
      {isAway && (
        <div className={classes.toNewest}>
          <Button size="sm" variant="default" leftSection={<IconArrowDown size={16} aria-hidden />} onClick={toNewest}>
            {t("room.toNewest")}
          </Button>
        </div>
      )}
      {room.canWrite ? (
        <Composer spaceId={room.spaceId} card={card} onCard={onCard} onSent={toNewest} />
      ) : (
        <p className={classes.closed}>
          <IconLock size={18} aria-hidden />
          {t("room.cannotWrite")}
        </p>
      )}
    </div>
  );
}

type ItemProps = {
  readonly item: RoomItem;
  readonly previous: RoomItem | undefined;
  readonly onOpenSeries: (key: string) => void;
  readonly onOpenStudy: (study: string) => void;
};

const SAME_BREATH_MS = 5 * 60_000;

function Item({ item, previous, onOpenSeries, onOpenStudy }: ItemProps) {
  switch (item.type) {
    case "message": {
      const goesOn =
        previous?.type === "message" &&
        previous.author.userId === item.author.userId &&
        item.atMs - previous.atMs < SAME_BREATH_MS;
      return <Message message={item} goesOn={goesOn} onOpenSeries={onOpenSeries} />;
    }
    case "imaging":
      return <ImagingCardView item={item} onOpen={() => onOpenStudy(item.card.study)} />;
    case "event":
      return <EventLine event={item} />;
    case "gap":
      return <GapLine gap={item} />;
  }
}

function DayLine({ atMs, previousMs }: { readonly atMs: number; readonly previousMs: number | undefined }) {
  const moments = useMoments();
  const isSameDay = previousMs !== undefined && new Date(atMs).toDateString() === new Date(previousMs).toDateString();
  if (isSameDay) return null;
  return (
    <li className={classes.day}>
      <span>{moments.day(atMs)}</span>
    </li>
  );
}
