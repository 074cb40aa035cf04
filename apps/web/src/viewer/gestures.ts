import { type RefObject, useEffect, useRef } from "react";
import type { CanvasPoint } from "./viewport.ts";

export type Tool = "scroll" | "window" | "pan" | "length" | "arrow";

export type GestureActs = {
  readonly scrollBy: (images: number) => void;
  readonly windowBy: (across: number, down: number) => void;
  readonly panBy: (across: number, down: number) => void;
  readonly zoomBy: (factor: number, around: CanvasPoint) => void;
  readonly beginLine: (at: CanvasPoint) => void;
  readonly moveLine: (at: CanvasPoint) => void;
  readonly endLine: (at: CanvasPoint) => void;
  readonly dropLine: () => void;
};

type Mode = Tool | "zoom";

const WHEEL_STEP = 40;
const DRAG_STEP = 14;

/**
 * Mouse, pen and touch on the image: the tool's own drag; wheel scrolls, with Ctrl (also a pinch on a touchpad) it zooms; middle button
 * or Shift pans, right button zooms; two fingers zoom and pan whatever the tool is.
 */
export function useGestures(ref: RefObject<HTMLElement | null>, tool: Tool, acts: GestureActs): void {
  const latest = useRef({ tool, acts });
  latest.current = { tool, acts };

  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const pointers = new Map<number, CanvasPoint>();
    let mode: Mode | undefined;
    let wheeled = 0;
    let dragged = 0;
    const at = (event: MouseEvent): CanvasPoint => {
      const box = element.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };

    const down = (event: PointerEvent) => {
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, at(event));
      const { acts: act } = latest.current;
      if (pointers.size > 1) {
        if (mode === "length" || mode === "arrow") act.dropLine();
        mode = undefined;
        return;
      }
      mode = modeOf(event, latest.current.tool);
      dragged = 0;
      if (mode === "length" || mode === "arrow") act.beginLine(at(event));
    };
    const move = (event: PointerEvent) => {
      const before = pointers.get(event.pointerId);
      if (before === undefined) return;
      const now = at(event);
      const { acts: act } = latest.current;
      if (pointers.size === 2) pinch(pointers, event.pointerId, now, act);
      else if (mode === "scroll") {
        dragged += now[1] - before[1];
        const images = Math.trunc(dragged / DRAG_STEP);
        dragged -= images * DRAG_STEP;
        if (images !== 0) act.scrollBy(images);
      } else if (mode !== undefined) drag(mode, before, now, act);
      pointers.set(event.pointerId, now);
    };
    const up = (event: PointerEvent) => {
      if (!pointers.delete(event.pointerId)) return;
      const { acts: act } = latest.current;
      if (mode === "length" || mode === "arrow") {
        if (event.type === "pointerup") act.endLine(at(event));
        else act.dropLine();
      }
      mode = undefined;
    };
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const { acts: act } = latest.current;
      if (event.ctrlKey || event.metaKey) return act.zoomBy(Math.exp(-event.deltaY / 200), at(event));
      const isByLine = event.deltaMode !== WheelEvent.DOM_DELTA_PIXEL || Math.abs(event.deltaY) >= 100;
      if (isByLine) return act.scrollBy(Math.sign(event.deltaY));
      wheeled += event.deltaY;
      const images = Math.trunc(wheeled / WHEEL_STEP);
      wheeled -= images * WHEEL_STEP;
      if (images !== 0) act.scrollBy(images);
    };
    const noMenu = (event: Event) => event.preventDefault();

    const stop = new AbortController();
    const options = { signal: stop.signal };
    element.addEventListener("pointerdown", down, options);
    element.addEventListener("pointermove", move, options);
    element.addEventListener("pointerup", up, options);
    element.addEventListener("pointercancel", up, options);
    element.addEventListener("wheel", wheel, { ...options, passive: false });
    element.addEventListener("contextmenu", noMenu, options);
    return () => stop.abort();
  }, [ref]);
}

function modeOf(event: PointerEvent, tool: Tool): Mode {
  if (event.button === 1 || event.shiftKey) return "pan";
  return event.button === 2 ? "zoom" : tool;
}

function drag(mode: Mode, before: CanvasPoint, now: CanvasPoint, acts: GestureActs): void {
  const [across, down] = [now[0] - before[0], now[1] - before[1]];
  switch (mode) {
    case "window":
      acts.windowBy(across, down);
      break;
    case "pan":
      acts.panBy(across, down);
      break;
    case "zoom":
      acts.zoomBy(Math.exp(-down / 150), now);
      break;
    case "length":
    case "arrow":
      acts.moveLine(now);
      break;
    case "scroll":
  }
}

function pinch(pointers: ReadonlyMap<number, CanvasPoint>, moved: number, now: CanvasPoint, acts: GestureActs): void {
  const before = pointers.get(moved);
  const [, still] = [...pointers].find(([id]) => id !== moved) ?? [];
  if (before === undefined || still === undefined) return;
  const spread = (point: CanvasPoint) => Math.hypot(point[0] - still[0], point[1] - still[1]);
  const middle: CanvasPoint = [(now[0] + still[0]) / 2, (now[1] + still[1]) / 2];
  if (spread(before) > 0) acts.zoomBy(spread(now) / spread(before), middle);
  acts.panBy((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
}
