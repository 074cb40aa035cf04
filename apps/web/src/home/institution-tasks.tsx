import { IconChevronRight, IconInbox, IconLink } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useEngineValue } from "../engine/use-engine.tsx";
import classes from "./home.module.css";

/** What waits for somebody at the institution; for those whose task it is. */
export function InstitutionTasks() {
  const { t } = useTranslation();
  const tasks = useEngineValue({ type: "tasks" }, (engine) => engine.tasks());
  if (tasks === undefined) return null;
  const { quarantined, suggestedLinks } = tasks;
  return (
    <nav aria-label={t("tasks.title")} className={classes.tasks}>
      <Task href="/quarantine" icon={<IconInbox size={20} aria-hidden />} title={t("quarantine.title")}>
        {t("tasks.quarantined", { count: quarantined })}
      </Task>
      <Task href="/links" icon={<IconLink size={20} aria-hidden />} title={t("links.title")}>
        {t("tasks.links", { count: suggestedLinks })}
      </Task>
    </nav>
  );
}

type TaskProps = {
  readonly href: string;
  readonly icon: ReactNode;
  readonly title: string;
  readonly children: ReactNode;
};

function Task({ href, icon, title, children }: TaskProps) {
  return (
    <Link href={href} className={classes.task}>
      {icon}
      <span className={classes.taskText}>
        <span>{title}</span>
        <span className={classes.soft}>{children}</span>
      </span>
      <IconChevronRight size={18} aria-hidden className={classes.onward} />
    </Link>
  );
}
