import { Button } from "@mantine/core";
import { IconPhotoScan } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { RoomItem } from "../engine/engine.ts";
import { Sentence } from "../messages/sentence.tsx";
import { ImageCount, StudyFacts } from "../record/imaging.tsx";
import { LtrValue } from "../values/ltr-value.tsx";
import { useMoments } from "../values/moment.ts";
import { useViewerAhead } from "../viewer/viewer-chunk.ts";
import classes from "./room.module.css";

type ImagingItem = Extract<RoomItem, { type: "imaging" }>;
type ImagingCardProps = { readonly item: ImagingItem; readonly onOpen: () => void };

/** Images that have come into the record, where everyone in the room sees that they have. */
export function ImagingCardView({ item, onOpen }: ImagingCardProps) {
  const { t } = useTranslation();
  const moments = useMoments();
  const { card, atMs } = item;
  useViewerAhead();
  const name = card.description ?? t("imaging.noDescription");
  return (
    <article className={classes.imaging}>
      <p className={classes.event}>
        <Sentence
          say={(values) => t("imaging.card", { institution: "", ...values })}
          parts={{ institution: <bdi>{card.institution}</bdi> }}
        />
        <time dateTime={new Date(atMs).toISOString()}> · {moments.time(atMs)}</time>
      </p>
      <div className={classes.card}>
        <div className={classes.cardName}>
          <bdi>{name}</bdi>
          <LtrValue className={classes.modality}>{card.modalities.join(" ")}</LtrValue>
        </div>
        <StudyFacts study={card} />
        <ImageCount study={card} />
        <Button
          variant="light"
          size="sm"
          leftSection={<IconPhotoScan size={17} aria-hidden />}
          disabled={card.images === 0}
          aria-label={t("imaging.openStudy", { study: name })}
          onClick={onOpen}
        >
          {t("imaging.open")}
        </Button>
      </div>
    </article>
  );
}
