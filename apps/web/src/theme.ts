import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#eaf6f9",
  "#d3eaf0",
  "#a6d5e1",
  "#75bfd1",
  "#4aa6bc",
  "#2a8ba3",
  "#197389",
  "#0f5f73",
  "#0b4e5f",
  "#073c4a",
];

const red: MantineColorsTuple = [
  "#fdefee",
  "#fadbd9",
  "#f2b5b1",
  "#ff9d97",
  "#e0665f",
  "#d1473f",
  "#b8302a",
  "#a8201a",
  "#8c1712",
  "#6e100c",
];

/** Mantine's greys of the dark scheme, in the blue of `theme.css`. */
const dark: MantineColorsTuple = [
  "#e6edf3",
  "#c3ced9",
  "#a0b0bf",
  "#7b8b9b",
  "#3a4856",
  "#2b3844",
  "#1c2630",
  "#151c24",
  "#111820",
  "#0d1319",
];

const FONTS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", "Noto Naskh Arabic", "Helvetica Neue", Arial, sans-serif';

/** The look of Caseroom: one accent, three signal colours that always come with a word or an icon, generous targets. */
export const theme = createTheme({
  colors: { petrol, red, dark },
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 6 },
  fontFamily: FONTS,
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "0.8125rem", sm: "0.9375rem", md: "1rem", lg: "1.1875rem", xl: "1.4375rem" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.45", xl: "1.35" },
  headings: {
    fontFamily: FONTS,
    fontWeight: "650",
    sizes: {
      h1: { fontSize: "1.75rem", lineHeight: "1.25" },
      h2: { fontSize: "1.3125rem", lineHeight: "1.3" },
      h3: { fontSize: "1.0625rem", lineHeight: "1.4" },
    },
  },
  defaultRadius: "md",
  radius: { sm: "6px", md: "10px", lg: "14px" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    InputWrapper: {
      styles: {
        label: { marginBottom: 4 },
        description: { marginBottom: 6, fontSize: "0.875rem" },
        error: { marginTop: 6 },
      },
    },
    Button: { defaultProps: { mih: 42 } },
    ActionIcon: { defaultProps: { size: 42, variant: "subtle" } },
    CloseButton: { defaultProps: { size: 42 } },
    TextInput: { defaultProps: { size: "md" } },
    PasswordInput: { defaultProps: { size: "md" } },
    Tooltip: { defaultProps: { withArrow: true, multiline: true, maw: 300, openDelay: 150 } },
  },
});

/** Mantine's own surfaces take the colours of `theme.css`, so that there is one palette. */
export const cssVariables: CSSVariablesResolver = () => {
  const surfaces = {
    "--mantine-color-body": "var(--surface)",
    "--mantine-color-text": "var(--ink)",
    "--mantine-color-dimmed": "var(--ink-soft)",
    "--mantine-color-placeholder": "var(--ink-soft)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-anchor": "var(--accent)",
    "--mantine-color-error": "var(--danger)",
    "--mantine-color-petrol-light": "var(--accent-soft)",
    "--mantine-color-petrol-light-hover": "var(--accent-hover)",
    "--mantine-color-petrol-light-color": "var(--accent)",
    "--mantine-color-red-light": "var(--danger-soft)",
    "--mantine-color-red-light-hover": "var(--danger-line)",
    "--mantine-color-red-light-color": "var(--danger)",
  };
  return { variables: {}, light: surfaces, dark: surfaces };
};
