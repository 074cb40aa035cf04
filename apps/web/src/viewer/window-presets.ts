/** How grey values become light: those from centre − width/2 to centre + width/2, in Hounsfield units for CT. */
export type Window = { readonly center: number; readonly width: number };

export type PresetName = "default" | "brain" | "lung" | "bone" | "softTissue" | "mediastinum";

type Preset = {
  readonly name: PresetName /** `undefined`: as the object itself says. */;
  readonly window: Window | undefined;
};

const ITS_OWN: Preset = { name: "default", window: undefined };

/** Presets by the digit that chooses them, from 1. Only CT has values that mean the same on every machine. */
export function presetsOf(modality: string): readonly Preset[] {
  if (modality !== "CT") return [ITS_OWN];
  return [
    ITS_OWN,
    { name: "brain", window: { center: 40, width: 80 } },
    { name: "lung", window: { center: -600, width: 1500 } },
    { name: "bone", window: { center: 480, width: 2500 } },
    { name: "softTissue", window: { center: 50, width: 400 } },
    { name: "mediastinum", window: { center: 50, width: 350 } },
  ];
}

/** The window after a drag: to the end widens, downwards darkens, in steps that fit how wide it is. */
export function dragWindow(window: Window, across: number, down: number): Window {
  const step = Math.max(0.01, window.width / 400);
  return { center: window.center + down * step, width: Math.max(step, window.width + across * step) };
}
