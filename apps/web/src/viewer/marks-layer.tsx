import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ImageMarkDraft, ImageMarkView } from "../engine/imaging.ts";
import { LtrValue } from "../values/ltr-value.tsx";
import { PersonName } from "../values/person-name.tsx";
import { isOn, pixelsOf } from "./mark-geometry.ts";
import { measureLine, type Pixel, writeMeasured } from "./measure.ts";
import type { StackImage } from "./stack.ts";
import type { OpenLine } from "./use-marks.ts";
import classes from "./viewer.module.css";
import type { CanvasPoint, ImageViewport } from "./viewport.ts";

type MarksLayerProps = {
  readonly viewport: ImageViewport;
  readonly painted: StackImage;
  readonly marks: readonly ImageMarkView[];
  readonly line: OpenLine | undefined;
};

/** The marks of the image that is painted, over it. What they say stands in the list of marks too, for those who do not see them. */
export function MarksLayer({ viewport, painted, marks, line }: MarksLayerProps) {
  const shown = marks.filter((mark) => isOn(painted, mark));
  const open =
    line !== undefined && isOn(painted, { sop: line.image.object.sop, frame: line.image.frame }) ? line : undefined;
  return (
    <div className={classes.marks} aria-hidden>
      {shown.map((mark) => {
        const ends = pixelsOf(mark, viewport);
        return (
          ends && (
            <Mark key={mark.id} kind={mark.kind} ends={ends} viewport={viewport} mine={mark.mine}>
              <MarkWords mark={mark} ends={ends} painted={painted} />
            </Mark>
          )
        );
      })}
      {open !== undefined && (
        <Mark kind={open.kind} ends={[open.from, open.to]} viewport={viewport} mine>
          {open.kind === "length" && <Length ends={[open.from, open.to]} painted={painted} />}
        </Mark>
      )}
    </div>
  );
}

type MarkProps = {
  readonly kind: ImageMarkDraft["kind"];
  readonly ends: readonly [Pixel, Pixel];
  readonly viewport: ImageViewport;
  readonly mine: boolean;
  readonly children: ReactNode;
};

function Mark({ kind, ends, viewport, mine, children }: MarkProps) {
  const [from, to] = [viewport.toCanvas(ends[0]), viewport.toCanvas(ends[1])];
  if (from === undefined || to === undefined) return null;
  const path = kind === "arrow" ? `${lineOf(from, to)} ${headOf(from, to)}` : `${lineOf(from, to)} ${capsOf(from, to)}`;
  // Beyond the end, where it covers neither the line nor what the arrow points at.
  const isUpwards = kind === "arrow" && to[1] < from[1];
  const [x, y] = kind === "arrow" || to[1] >= from[1] ? to : from;
  return (
    <>
      <svg className={classes.markLines} data-mine={mine} data-mark={kind} aria-hidden>
        <path d={path} className={classes.markHalo} />
        <path d={path} className={classes.markLine} />
      </svg>
      <div className={classes.markWords} style={{ transform: `translate(${x}px, ${y}px)` }}>
        <div className={classes.markLabel} data-upwards={isUpwards}>
          {children}
        </div>
      </div>
    </>
  );
}

function MarkWords({
  mark,
  ends,
  painted,
}: {
  readonly mark: ImageMarkView;
  readonly ends: readonly [Pixel, Pixel];
  readonly painted: StackImage;
}) {
  return (
    <>
      {mark.kind === "length" ? (
        <Length ends={ends} painted={painted} />
      ) : (
        <div dir="auto" className={classes.markText}>
          {mark.text}
        </div>
      )}
      <div className={classes.markAuthor}>
        <PersonName name={mark.author.name} />
      </div>
    </>
  );
}

/** Always measured anew on the image: what somebody else's device wrote beside it is not relied on. */
export function Length({ ends, painted }: { readonly ends: readonly [Pixel, Pixel]; readonly painted: StackImage }) {
  const { t } = useTranslation();
  const length = measureLine(ends[0], ends[1], painted.object.scale);
  return (
    <span>
      <LtrValue>{writeMeasured(length)}</LtrValue>
      {length.unit === "px" && <span className={classes.markHint}>{t("viewer.noScale")}</span>}
      {length.unit === "mm" && length.isAtDetector && (
        <span className={classes.markHint}>{t("viewer.atDetector")}</span>
      )}
    </span>
  );
}

const HEAD = 14;
const CAP = 6;

function lineOf(from: CanvasPoint, to: CanvasPoint): string {
  return `M${point(from)} L${point(to)}`;
}

/** The arrow points at where the drawing began. */
function headOf(tip: CanvasPoint, tail: CanvasPoint): string {
  const angle = Math.atan2(tail[1] - tip[1], tail[0] - tip[0]);
  const wing = (turn: number): CanvasPoint => [
    tip[0] + HEAD * Math.cos(angle + turn),
    tip[1] + HEAD * Math.sin(angle + turn),
  ];
  return `M${point(wing(0.45))} L${point(tip)} L${point(wing(-0.45))}`;
}

function capsOf(from: CanvasPoint, to: CanvasPoint): string {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]) + Math.PI / 2;
  const [dx, dy] = [CAP * Math.cos(angle), CAP * Math.sin(angle)];
  return [from, to].map(([x, y]) => `M${point([x - dx, y - dy])} L${point([x + dx, y + dy])}`).join(" ");
}

function point([x, y]: CanvasPoint): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
