import { IconArrowUpRight, IconClock, IconRuler2, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { ImageMarkView } from "../engine/imaging.ts";
import { LtrValue } from "../values/ltr-value.tsx";
import { useMoments } from "../values/moment.ts";
import { PersonName } from "../values/person-name.tsx";
import { isOn } from "./mark-geometry.ts";
import type { Stack } from "./stack.ts";
import classes from "./viewer.module.css";

type MarksListProps = {
  readonly marks: readonly ImageMarkView[];
  readonly stacks: readonly Stack[];
  readonly canWrite: boolean;
  readonly onGo: (stack: Stack, index: number) => void;
  readonly onRemove: (mark: ImageMarkView) => void;
};

/** Every mark of the study: what it says, whose it is and when, and where. */
export function MarksList({ marks, stacks, canWrite, onGo, onRemove }: MarksListProps) {
  const { t } = useTranslation();
  const placed = marks.flatMap((mark) => {
    const stack = stacks.find(({ images }) => images.some((image) => isOn(image, mark)));
    return stack === undefined ? [] : [{ mark, stack, index: stack.images.findIndex((image) => isOn(image, mark)) }];
  });
  return (
    <aside className={classes.side} aria-label={t("viewer.marks")}>
      <h2 className={classes.sideTitle}>{t("viewer.marks")}</h2>
      {placed.length === 0 && <p className={classes.soft}>{t("viewer.noMarks")}</p>}
      <ul className={classes.markList}>
        {placed.map(({ mark, stack, index }) => (
          <li key={mark.id} className={classes.markItem}>
            <MarkRow mark={mark} index={index} onGo={() => onGo(stack, index)} />
            {mark.mine && canWrite && mark.state === "stored" && (
              <button
                type="button"
                className={classes.iconButton}
                aria-label={t("viewer.removeMark", { text: mark.text })}
                onClick={() => onRemove(mark)}
              >
                <IconTrash size={18} aria-hidden />
              </button>
            )}
          </li>
        ))}
      </ul>
    </aside>
  );
}

type MarkRowProps = { readonly mark: ImageMarkView; readonly index: number; readonly onGo: () => void };

function MarkRow({ mark, index, onGo }: MarkRowProps) {
  const { t } = useTranslation();
  const moments = useMoments();
  const Icon = mark.kind === "length" ? IconRuler2 : IconArrowUpRight;
  return (
    <button type="button" className={classes.markButton} onClick={onGo}>
      <Icon size={18} aria-hidden />
      <span className={classes.markFacts}>
        <span className={classes.markTitle}>
          {mark.kind === "length" ? <LtrValue>{mark.text}</LtrValue> : <bdi>{mark.text}</bdi>}
        </span>
        <span className={classes.soft}>
          <PersonName name={mark.author.name} />
        </span>
        <span className={classes.soft}>
          <bdi>{mark.author.institution}</bdi>
        </span>
        <span className={classes.soft}>
          {moments.dayAndTime(mark.atMs)} · {t("viewer.imageNumber", { number: index + 1 })}
        </span>
        {mark.state === "queued" && (
          <span className={classes.queued}>
            <IconClock size={14} aria-hidden />
            {t("room.state.queued")}
          </span>
        )}
      </span>
    </button>
  );
}
