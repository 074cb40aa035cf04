import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./frame.module.css";

type FullPageProps = {
  readonly icon: ReactNode;
  readonly title: string;
  readonly text?: ReactNode;
  readonly children?: ReactNode;
};

/** One thing to say, in the middle of an otherwise empty page. */
export function FullPage({ icon, title, text, children }: FullPageProps) {
  return (
    <main className={classes.fullPage} id="content" tabIndex={-1}>
      <div className={classes.fullPageCard}>
        <span className={classes.fullPageIcon}>{icon}</span>
        <Title order={1}>{title}</Title>
        {text !== undefined && <p className={classes.soft}>{text}</p>}
        {children}
      </div>
    </main>
  );
}
