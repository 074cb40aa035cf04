import type { SpaceId } from "@caseroom/contract";
import { useState } from "react";
import type { ImageMarkDraft, ImageMarkView } from "../engine/imaging.ts";
import { useAct } from "../engine/use-act.ts";
import { useEngine, useEngineValue } from "../engine/use-engine.tsx";
import { draftMark } from "./mark-geometry.ts";
import { type Measured, measureLine, type Pixel, writeMeasured } from "./measure.ts";
import type { StackImage } from "./stack.ts";
import type { CanvasPoint, ImageViewport } from "./viewport.ts";

/** A line under the finger, or an arrow that waits for its words. */
export type OpenLine = {
  readonly kind: ImageMarkDraft["kind"];
  readonly image: StackImage;
  readonly from: Pixel;
  readonly to: Pixel;
  readonly isAsking: boolean;
};

/** Marks on the images of a case: those of everyone, and the one that is being made. */
export function useMarks(spaceId: SpaceId, viewport: ImageViewport | undefined, canWrite: boolean) {
  const engine = useEngine();
  const act = useAct();
  const marks = useEngineValue({ type: "marks", spaceId }, (one) => one.imageMarks(spaceId)) ?? [];
  const [line, setLine] = useState<OpenLine | undefined>(undefined);
  const [removed, setRemoved] = useState<ImageMarkView | undefined>(undefined);

  const add = (draft: ImageMarkDraft | undefined) => {
    if (draft === undefined) return;
    setRemoved(undefined);
    void act.run(() => engine.addImageMark(spaceId, draft));
  };
  const draftOf = (one: OpenLine, text: string) =>
    viewport === undefined ? undefined : draftMark(one.image, { ...one, text }, viewport);

  return {
    marks,
    line,
    removed,
    failure: act.failure,
    begin: (kind: ImageMarkDraft["kind"], at: CanvasPoint) => {
      const pixel = viewport?.toPixel(at);
      const image = viewport?.state().painted;
      if (!canWrite || pixel === undefined || image === undefined) return;
      setLine({ kind, image, from: pixel, to: pixel, isAsking: false });
    },
    move: (at: CanvasPoint) => {
      const pixel = viewport?.toPixel(at);
      if (pixel !== undefined) setLine((one) => (one === undefined || one.isAsking ? one : { ...one, to: pixel }));
    },
    end: (at: CanvasPoint) => {
      if (line === undefined || line.isAsking) return;
      const drawn = { ...line, to: viewport?.toPixel(at) ?? line.to };
      const isMark = draftOf(drawn, "") !== undefined;
      if (drawn.kind === "arrow" && isMark) return setLine({ ...drawn, isAsking: true });
      setLine(undefined);
      if (isMark) add(draftOf(drawn, writeMeasured(measured(drawn))));
    },
    drop: () => setLine(undefined),
    write: (text: string) => {
      if (line === undefined || text.trim() === "") return;
      setLine(undefined);
      add(draftOf(line, text.trim()));
    },
    remove: async (mark: ImageMarkView) => {
      const isDone = await act.run(() => engine.removeImageMark(spaceId, mark.id));
      if (isDone) setRemoved(mark);
    },
    undoRemove: () => {
      if (removed === undefined) return;
      const { kind, sop, frame, space, points, text } = removed;
      add({ kind, sop, frame, space, points, text });
    },
    forgetRemoved: () => setRemoved(undefined),
  };
}

export function measured({ image, from, to }: Pick<OpenLine, "image" | "from" | "to">): Measured {
  return measureLine(from, to, image.object.scale);
}
