import type { SpaceId } from "@caseroom/contract";
import { type RefObject, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useEngine } from "../engine/use-engine.tsx";
import { type ImageSource, openImageSource } from "./image-source.ts";
import { firstIndex, type Stack } from "./stack.ts";
import { type ImageViewport, openViewport, type ViewportState } from "./viewport.ts";

type Opened = { readonly source: ImageSource; readonly viewport: ImageViewport };

export type Shown = {
  readonly viewport: ImageViewport | undefined;
  readonly state: ViewportState | undefined;
  /** Images of the stack that are here. */
  readonly arrived: number;
};

const SETTLED_MS = 250;

/** The canvas of the viewer and what it shows. Everything decoded is forgotten when the viewer goes. */
export function useViewport(
  ref: RefObject<HTMLDivElement | null>,
  where: { readonly spaceId: SpaceId; readonly study: string },
  stack: Stack | undefined,
): Shown {
  const { spaceId, study } = where;
  const engine = useEngine();
  const [opened, setOpened] = useState<Opened | undefined>(undefined);

  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const source = openImageSource((series, sop) => engine.imageObject(spaceId, { study, series, sop }));
    const viewport = openViewport(element, source);
    const observer = new ResizeObserver(() => viewport.resize());
    observer.observe(element);
    setOpened({ source, viewport });
    return () => {
      observer.disconnect();
      viewport.close();
      source.close();
      engine.closeStudy().catch(reportError);
      setOpened(undefined);
    };
  }, [engine, ref, spaceId, study]);

  const state = useSyncExternalStore(subscribeTo(opened?.viewport), () => opened?.viewport.state());
  const arrived = useSyncExternalStore(subscribeTo(opened?.source), () =>
    opened === undefined || stack === undefined ? 0 : opened.source.arrived(stack),
  );

  const before = useRef<Stack | undefined>(undefined);
  useEffect(() => {
    if (opened === undefined || stack === undefined) return;
    // A series that grows while it is read stays where the reader is.
    const sop = before.current?.key === stack.key ? opened.viewport.state().painted?.object.sop : undefined;
    const same = stack.images.findIndex(({ object }) => object.sop === sop);
    before.current = stack;
    opened.viewport.show(stack, same >= 0 ? same : firstIndex(stack));
  }, [opened, stack]);

  const hasPainted = state?.painted !== undefined;
  const index = state?.index ?? 0;
  useEffect(() => {
    if (opened === undefined || stack === undefined || !hasPainted) return;
    const timer = setTimeout(() => opened.source.fetchAround(stack, index), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [opened, stack, hasPainted, index]);

  return useMemo(() => ({ viewport: opened?.viewport, state, arrived }), [opened, state, arrived]);
}

type Source = { readonly subscribe: (listener: () => void) => () => void };

function subscribeTo(source: Source | undefined): (listener: () => void) => () => void {
  return source?.subscribe ?? (() => () => undefined);
}
