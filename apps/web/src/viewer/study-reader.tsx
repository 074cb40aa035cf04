import type { SpaceId } from "@caseroom/contract";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { StudyView } from "../engine/imaging.ts";
import { FailureNote } from "../frame/failure-note.tsx";
import { ArrowWords } from "./arrow-words.tsx";
import { type GestureActs, type Tool, useGestures } from "./gestures.ts";
import { ImageProblem, OtherPatient } from "./image-problem.tsx";
import { useKeys } from "./keys.ts";
import { MarksLayer } from "./marks-layer.tsx";
import { MarksList } from "./marks-list.tsx";
import { Directions, Overlay } from "./overlay.tsx";
import { RemovedMark } from "./removed-mark.tsx";
import { Scrubber } from "./scrubber.tsx";
import { SeriesList } from "./series-list.tsx";
import { type Stack, stacksOf } from "./stack.ts";
import { Toolbar } from "./toolbar.tsx";
import { useCine } from "./use-cine.ts";
import { useMarks } from "./use-marks.ts";
import { useViewport } from "./use-viewport.ts";
import classes from "./viewer.module.css";
import { dragWindow, type PresetName, presetsOf } from "./window-presets.ts";

type StudyReaderProps = {
  readonly spaceId: SpaceId;
  readonly study: StudyView;
  readonly canWrite: boolean;
  readonly onClose: () => void;
};

type Side = "series" | "marks";
/** As in the stylesheet. */
const PHONE_WIDTH = 820;

/** One study: a stack on the canvas, what can be done with it, and what has been marked. */
export function StudyReader({ spaceId, study, canWrite, onClose }: StudyReaderProps) {
  const { t } = useTranslation();
  const stacks = useStacks(study);
  const shownStacks = stacks.filter(({ images }) => images.length > 0);
  const [openKey, setOpenKey] = useState<string | undefined>(undefined);
  const stack = shownStacks.find(({ key }) => key === openKey) ?? shownStacks[0];
  const [tool, setTool] = useState<Tool>(() => (matchMedia("(pointer: coarse)").matches ? "scroll" : "window"));
  const [preset, setPreset] = useState<PresetName | undefined>("default");
  const [isPlaying, setPlaying] = useState(false);
  const [side, setSide] = useState<Side | undefined>(() => (innerWidth > 1000 ? "series" : undefined));
  const canvas = useRef<HTMLDivElement>(null);
  const { viewport, state, arrived } = useViewport(canvas, { spaceId, study: study.study }, stack);
  const marks = useMarks(spaceId, viewport, canWrite);
  useCine(viewport, stack, isPlaying);

  const count = stack?.images.length ?? 0;
  const modality = stack?.series.modality ?? "";
  const goTo = (index: number) => {
    if (viewport === undefined || count === 0) return;
    const within = Math.max(0, Math.min(count - 1, index));
    if (within !== viewport.state().index) viewport.goTo(within);
  };
  const scrollBy = (images: number) => goTo((viewport?.state().index ?? 0) + images);
  const open = (next: Stack, index?: number) => {
    setPlaying(false);
    marks.drop();
    setPreset("default");
    // On a phone the list lies over the image that was chosen in it.
    if (innerWidth <= PHONE_WIDTH) setSide(undefined);
    if (next.key !== stack?.key) setOpenKey(next.key);
    if (index !== undefined) pendingIndex.current = { key: next.key, index };
    if (next.key === stack?.key && index !== undefined) goTo(index);
  };
  /** Where a mark in another stack lies, until that stack is the one that is shown. */
  const pendingIndex = useRef<{ readonly key: string; readonly index: number } | undefined>(undefined);
  useEffect(() => {
    const pending = pendingIndex.current;
    if (viewport === undefined || stack === undefined || pending?.key !== stack.key) return;
    pendingIndex.current = undefined;
    viewport.goTo(pending.index);
  }, [viewport, stack]);
  const choosePreset = (name: PresetName) => {
    setPreset(name);
    viewport?.setWindow(presetsOf(modality).find((one) => one.name === name)?.window);
  };
  const reset = () => {
    setPreset("default");
    viewport?.reset();
  };
  const acts: GestureActs = {
    scrollBy,
    windowBy: (across, down) => {
      const window = viewport?.state().window;
      if (window === undefined) return;
      setPreset(undefined);
      viewport?.setWindow(dragWindow(window, across, down));
    },
    panBy: (across, down) => viewport?.panBy(across, down),
    zoomBy: (factor, around) => viewport?.zoomBy(factor, around),
    beginLine: (at) => marks.begin(tool === "arrow" ? "arrow" : "length", at),
    moveLine: marks.move,
    endLine: marks.end,
    dropLine: marks.drop,
  };
  useGestures(canvas, tool, acts);

  useKeys({
    scrollBy,
    toEnd: (isLast) => goTo(isLast ? count - 1 : 0),
    invert: () => viewport?.invert(),
    reset,
    chooseTool: (wanted) => {
      if (canWrite) setTool(wanted);
    },
    choosePreset: (number) => {
      const name = presetsOf(modality)[number - 1]?.name;
      if (name !== undefined) choosePreset(name);
    },
    play: () => setPlaying(!isPlaying && stack?.isMoving === true),
    close: () => (marks.line === undefined ? onClose() : marks.drop()),
  });
  useEffect(() => canvas.current?.focus({ preventScroll: true }), []);

  return (
    <div className={classes.body} data-side={side}>
      {side === "series" && (
        <SeriesList series={study.series} stacks={stacks} openKey={stack?.key} onOpen={(next) => open(next)} />
      )}
      <section className={classes.stage} aria-label={t("viewer.image")}>
        <div className={classes.picture}>
          {/* Every key works from here, so that a reader never has to aim at a button. */}
          <div
            ref={canvas}
            className={classes.canvas}
            data-tool={tool}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: the image is what the keys move
            tabIndex={0}
            role="img"
            aria-label={t("viewer.imageOf", { number: (state?.index ?? 0) + 1, count })}
          />
          {stack === undefined && <p className={classes.middle}>{t("viewer.nothingToShow")}</p>}
          {stack !== undefined && state !== undefined && (
            <>
              {viewport !== undefined && state.painted !== undefined && (
                <>
                  <MarksLayer viewport={viewport} painted={state.painted} marks={marks.marks} line={marks.line} />
                  <Directions viewport={viewport} />
                </>
              )}
              <Overlay study={study} stack={stack} state={state} />
              <OtherPatient object={stack.images[state.index]?.object} />
              <ImageProblem state={state} />
            </>
          )}
          {marks.line?.isAsking === true && <ArrowWords onSave={marks.write} onCancel={marks.drop} />}
        </div>
        <Scrubber index={state?.index ?? 0} count={count} arrived={arrived} onGo={goTo} />
        <Toolbar
          tool={tool}
          onTool={setTool}
          canMark={canWrite}
          modality={modality}
          preset={preset}
          onPreset={choosePreset}
          isInverted={state?.isInverted === true}
          onInvert={() => viewport?.invert()}
          onReset={reset}
          onZoom={(factor) => viewport?.zoomBy(factor)}
          isPlaying={isPlaying}
          onPlay={stack?.isMoving === true ? () => setPlaying(!isPlaying) : undefined}
          side={side}
          onSide={(wanted) => setSide(side === wanted ? undefined : wanted)}
        />
      </section>
      {side === "marks" && (
        <MarksList
          marks={marks.marks}
          stacks={shownStacks}
          canWrite={canWrite}
          onGo={open}
          onRemove={(mark) => void marks.remove(mark)}
        />
      )}
      {marks.removed !== undefined && <RemovedMark onUndo={marks.undoRemove} onForget={marks.forgetRemoved} />}
      {marks.failure !== undefined && (
        <div className={classes.notice}>
          <FailureNote code={marks.failure} />
        </div>
      )}
    </div>
  );
}

/** The stacks of a study, the same as long as nothing has come in. */
function useStacks(study: StudyView): readonly Stack[] {
  const signature = JSON.stringify(study.series);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the engine answers with new objects each time; what is in them counts
  return useMemo(() => study.series.flatMap(stacksOf), [signature]);
}
