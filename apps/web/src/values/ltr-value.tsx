import type { ReactNode } from "react";

type LtrValueProps = { readonly children: ReactNode; readonly mono?: boolean; readonly className?: string | undefined };

/** A value with its unit, an id, a code or a dose: never reordered by the direction of the text around it. */
export function LtrValue({ children, mono = false, className }: LtrValueProps) {
  const style = mono ? { fontFamily: "var(--mantine-font-family-monospace)", overflowWrap: "anywhere" as const } : {};
  return (
    <bdi dir="ltr" className={className} style={style}>
      {children}
    </bdi>
  );
}
