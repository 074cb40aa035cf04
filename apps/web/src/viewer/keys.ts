import { useEffect, useRef } from "react";
import type { Tool } from "./gestures.ts";

type KeyAct =
  | { readonly type: "by"; readonly images: number }
  | { readonly type: "end"; readonly last: boolean }
  | { readonly type: "tool"; readonly tool: Tool }
  | { readonly type: "preset"; readonly number: number }
  | { readonly type: "invert" | "reset" | "play" | "close" };

type Pressed = {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly target: EventTarget | null;
};

const PAGE = 10;

const ACTS: Readonly<Record<string, KeyAct>> = {
  ArrowDown: { type: "by", images: 1 },
  ArrowRight: { type: "by", images: 1 },
  ArrowUp: { type: "by", images: -1 },
  ArrowLeft: { type: "by", images: -1 },
  PageDown: { type: "by", images: PAGE },
  PageUp: { type: "by", images: -PAGE },
  Home: { type: "end", last: false },
  End: { type: "end", last: true },
  i: { type: "invert" },
  r: { type: "reset" },
  l: { type: "tool", tool: "length" },
  a: { type: "tool", tool: "arrow" },
  p: { type: "play" },
  Escape: { type: "close" },
};

/** What a key does in the viewer. Keys with a modifier are the browser's, and those of a field that is written in are the field's. */
function keyAct({ key, ctrlKey, metaKey, altKey, target }: Pressed): KeyAct | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  const isField = target instanceof HTMLElement && ["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName);
  if (isField && key !== "Escape") return undefined;
  if (/^[1-9]$/.test(key)) return { type: "preset", number: Number(key) };
  return ACTS[key.length === 1 ? key.toLowerCase() : key];
}

type KeyActs = {
  readonly scrollBy: (images: number) => void;
  readonly toEnd: (isLast: boolean) => void;
  readonly invert: () => void;
  readonly reset: () => void;
  readonly chooseTool: (tool: Tool) => void;
  /** From 1. */
  readonly choosePreset: (number: number) => void;
  readonly play: () => void;
  readonly close: () => void;
};

/** The keys of the viewer, wherever in it the focus is: a reader never has to aim at a button. */
export function useKeys(acts: KeyActs): void {
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const act = event.defaultPrevented ? undefined : keyAct(event);
      if (act === undefined) return;
      event.preventDefault();
      perform(act, latest.current);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}

function perform(act: KeyAct, acts: KeyActs): void {
  if (act.type === "by") acts.scrollBy(act.images);
  else if (act.type === "end") acts.toEnd(act.last);
  else if (act.type === "tool") acts.chooseTool(act.tool);
  else if (act.type === "preset") acts.choosePreset(act.number);
  else acts[act.type]();
}
