import {
  IconArrowsMove,
  IconArrowsVertical,
  IconArrowUpRight,
  IconContrast,
  IconContrastFilled,
  IconLayoutSidebar,
  IconListDetails,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconRuler2,
  IconZoomIn,
  IconZoomOut,
} from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Tool } from "./gestures.ts";
import classes from "./viewer.module.css";
import { type PresetName, presetsOf } from "./window-presets.ts";

type Icon = ComponentType<{ size: number; "aria-hidden": true }>;

const TOOLS: readonly { readonly tool: Tool; readonly icon: Icon; readonly key: string | undefined }[] = [
  { tool: "scroll", icon: IconArrowsVertical, key: undefined },
  { tool: "window", icon: IconContrast, key: undefined },
  { tool: "pan", icon: IconArrowsMove, key: undefined },
  { tool: "length", icon: IconRuler2, key: "L" },
  { tool: "arrow", icon: IconArrowUpRight, key: "A" },
];

type ToolbarProps = {
  readonly tool: Tool;
  readonly onTool: (tool: Tool) => void;
  readonly canMark: boolean;
  readonly modality: string;
  readonly preset: PresetName | undefined;
  readonly onPreset: (name: PresetName) => void;
  readonly isInverted: boolean;
  readonly onInvert: () => void;
  readonly onReset: () => void;
  readonly onZoom: (factor: number) => void;
  readonly isPlaying: boolean;
  /** `undefined` where nothing moves. */
  readonly onPlay: (() => void) | undefined;
  readonly side: "series" | "marks" | undefined;
  readonly onSide: (side: "series" | "marks") => void;
};

/** Everything the viewer can do, in a row that a thumb reaches and a keyboard walks through. */
export function Toolbar(props: ToolbarProps) {
  const { t } = useTranslation();
  const { tool, onTool, onPreset, side, onSide } = props;
  const presets = presetsOf(props.modality);
  return (
    <div className={classes.toolbar} role="toolbar" aria-label={t("viewer.tools")}>
      <ToolButton label={t("viewer.series")} isPressed={side === "series"} onClick={() => onSide("series")}>
        <IconLayoutSidebar size={22} aria-hidden />
      </ToolButton>
      <span className={classes.rule} />
      {TOOLS.filter((one) => props.canMark || (one.tool !== "length" && one.tool !== "arrow")).map((one) => (
        <ToolButton
          key={one.tool}
          label={t(`viewer.tool.${one.tool}`)}
          shortcut={one.key}
          isPressed={tool === one.tool}
          onClick={() => onTool(one.tool)}
        >
          <one.icon size={22} aria-hidden />
        </ToolButton>
      ))}
      <span className={classes.rule} />
      {presets.length > 1 && (
        <select
          className={classes.select}
          aria-label={t("viewer.preset.title")}
          value={props.preset ?? ""}
          onChange={(event) => {
            const chosen = presets.find(({ name }) => name === event.currentTarget.value);
            if (chosen !== undefined) onPreset(chosen.name);
          }}
        >
          {props.preset === undefined && <option value="">{t("viewer.preset.own")}</option>}
          {presets.map(({ name }, index) => (
            <option key={name} value={name}>
              {`${index + 1} · ${t(`viewer.preset.${name}`)}`}
            </option>
          ))}
        </select>
      )}
      <ToolButton label={t("viewer.invert")} shortcut="I" isPressed={props.isInverted} onClick={props.onInvert}>
        <IconContrastFilled size={22} aria-hidden />
      </ToolButton>
      <ToolButton label={t("viewer.zoomIn")} onClick={() => props.onZoom(1.25)}>
        <IconZoomIn size={22} aria-hidden />
      </ToolButton>
      <ToolButton label={t("viewer.zoomOut")} onClick={() => props.onZoom(0.8)}>
        <IconZoomOut size={22} aria-hidden />
      </ToolButton>
      <ToolButton label={t("viewer.reset")} shortcut="R" onClick={props.onReset}>
        <IconRefresh size={22} aria-hidden />
      </ToolButton>
      {props.onPlay !== undefined && (
        <ToolButton label={t(props.isPlaying ? "viewer.pause" : "viewer.play")} onClick={props.onPlay}>
          {props.isPlaying ? <IconPlayerPause size={22} aria-hidden /> : <IconPlayerPlay size={22} aria-hidden />}
        </ToolButton>
      )}
      <span className={classes.rule} />
      <ToolButton label={t("viewer.marks")} isPressed={side === "marks"} onClick={() => onSide("marks")}>
        <IconListDetails size={22} aria-hidden />
      </ToolButton>
    </div>
  );
}

type ToolButtonProps = {
  readonly label: string;
  readonly shortcut?: string | undefined;
  readonly isPressed?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
};

function ToolButton({ label, shortcut, isPressed, onClick, children }: ToolButtonProps) {
  return (
    <button
      type="button"
      className={classes.tool}
      aria-label={label}
      title={shortcut === undefined ? label : `${label} (${shortcut})`}
      aria-keyshortcuts={shortcut}
      aria-pressed={isPressed}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
