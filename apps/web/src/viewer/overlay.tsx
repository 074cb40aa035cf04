import { useTranslation } from "react-i18next";
import type { StudyView } from "../engine/imaging.ts";
import { LtrValue } from "../values/ltr-value.tsx";
import { useMoments } from "../values/moment.ts";
import { directionLetters, opposite } from "./orientation.ts";
import type { Stack } from "./stack.ts";
import classes from "./viewer.module.css";
import type { ImageViewport, ViewportState } from "./viewport.ts";

type OverlayProps = {
  readonly study: StudyView;
  readonly stack: Stack;
  readonly state: ViewportState;
};

/** What must stand with the picture: where it is from, which one of how many, and how it is shown. */
export function Overlay({ study, stack, state }: OverlayProps) {
  const { t } = useTranslation();
  const moments = useMoments();
  const { series, images } = stack;
  const object = images[state.index]?.object;
  const isLossy = object?.isLossy === true;
  return (
    <>
      <div className={classes.corner} data-at="top-start">
        <bdi>{study.institution}</bdi>
        <span>{study.when === undefined ? t("imaging.noDate") : moments.partial(study.when)}</span>
        {study.description !== undefined && <bdi>{study.description}</bdi>}
        <SeriesLine modality={series.modality} number={series.number} description={series.description} />
      </div>
      <div className={classes.corner} data-at="bottom-start">
        <span>
          {t("viewer.image")} <LtrValue>{`${state.index + 1} / ${images.length}`}</LtrValue>
        </span>
        {object?.sliceMm !== undefined && (
          <span>
            {t("viewer.thickness")} <LtrValue>{`${round(object.sliceMm)} mm`}</LtrValue>
          </span>
        )}
        {isLossy && <span>{t("viewer.lossy")}</span>}
      </div>
      <div className={classes.corner} data-at="bottom-end">
        {state.window !== undefined && (
          <span>
            {t("viewer.window")} <LtrValue>{`W ${round(state.window.width)} L ${round(state.window.center)}`}</LtrValue>
          </span>
        )}
        <span>
          {t("viewer.zoom")} <LtrValue>{`${Math.round(state.zoom * 100)} %`}</LtrValue>
        </span>
      </div>
    </>
  );
}

type SeriesLineProps = {
  readonly modality: string;
  readonly number: number | undefined;
  readonly description: string | undefined;
};

export function SeriesLine({ modality, number, description }: SeriesLineProps) {
  return (
    <span>
      <LtrValue>{[modality, number].filter((part) => part !== undefined).join(" ")}</LtrValue>
      {description !== undefined && (
        <>
          {" · "}
          <bdi>{description}</bdi>
        </>
      )}
    </span>
  );
}

/** Which side of the patient each edge shows; nothing where the image does not say. */
export function Directions({ viewport }: { readonly viewport: ImageViewport }) {
  const directions = viewport.directions();
  if (directions === undefined) return null;
  const { row, column } = directions;
  const edges = [
    { at: "right", letters: directionLetters(row) },
    { at: "left", letters: directionLetters(opposite(row)) },
    { at: "bottom", letters: directionLetters(column) },
    { at: "top", letters: directionLetters(opposite(column)) },
  ];
  return edges.map(({ at, letters }) => (
    <bdi key={at} dir="ltr" className={classes.edge} data-at={at}>
      {letters}
    </bdi>
  ));
}

function round(value: number): string {
  return Math.abs(value) >= 10 ? Math.round(value).toString() : Number(value.toPrecision(2)).toString();
}
