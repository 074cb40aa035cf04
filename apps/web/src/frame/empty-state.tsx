import type { ReactNode } from "react";
import classes from "./frame.module.css";

type EmptyStateProps = {
  readonly icon: ReactNode;
  readonly title: string;
  readonly text?: string;
  readonly children?: ReactNode;
  /** It is all that the page says: its title is the page's heading. */
  readonly isPage?: boolean;
};

export function EmptyState({ icon, title, text, children, isPage = false }: EmptyStateProps) {
  return (
    <div className={classes.empty}>
      <span className={classes.emptyIcon}>{icon}</span>
      {isPage ? <h1 className={classes.emptyTitle}>{title}</h1> : <p className={classes.emptyTitle}>{title}</p>}
      {text !== undefined && <p className={classes.soft}>{text}</p>}
      {children}
    </div>
  );
}
