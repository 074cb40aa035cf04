import type { Fact, InstitutionShare, Section } from "@caseroom/clinical";
import { Title } from "@mantine/core";
import { IconCircleCheck, IconHelpCircle } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { useMoments } from "../values/moment.ts";
import { FactRow } from "./fact-row.tsx";
import classes from "./record.module.css";

type FactSectionProps = {
  readonly title: string;
  readonly icon: ReactNode;
  readonly section: Section<Fact>;
  readonly institutions: readonly InstitutionShare[];
  /** The words for "there are none", said only when a source says so. */
  readonly noneWords: string;
  readonly isWarning?: boolean;
};

/** A list of facts, "a source says that there are none", or "nobody told us": three things that must never look alike. */
export function FactSection({ title, icon, section, institutions, noneWords, isWarning = false }: FactSectionProps) {
  const { t } = useTranslation();
  const moments = useMoments();
  const titleId = useId();
  const silent = new Set(section.silentInstitutions);
  const speaking = institutions.map(({ name }) => name).filter((name) => !silent.has(name));
  return (
    <section
      aria-labelledby={titleId}
      className={classes.section}
      data-warning={isWarning && section.state === "listed"}
    >
      <Title order={2} size="h3" id={titleId} className={classes.sectionTitle}>
        {icon}
        {title}
      </Title>
      {section.items.length > 0 && (
        <ul className={classes.facts}>
          {section.items.map((fact) => (
            <li key={fact.id}>
              <FactRow fact={fact} />
            </li>
          ))}
        </ul>
      )}
      {section.state === "asserted-none" && (
        <p className={classes.assertedNone}>
          <IconCircleCheck size={20} aria-hidden />
          <span>
            <strong>{noneWords}</strong>
            {speaking.length > 0 && (
              <span className={classes.block}>{t("summary.assertedBy", { names: moments.list(speaking) })}</span>
            )}
          </span>
        </p>
      )}
      {section.state === "no-information" ? (
        <p className={classes.noInformation}>
          <IconHelpCircle size={20} aria-hidden />
          <span>
            <strong>
              {section.silentInstitutions.length === 0
                ? t("summary.noInformation")
                : t("summary.noInformationFrom", { names: moments.list(section.silentInstitutions) })}
            </strong>
            <span className={classes.block}>{t("summary.notNone")}</span>
          </span>
        </p>
      ) : (
        section.silentInstitutions.length > 0 && (
          <p className={classes.silent}>
            <IconHelpCircle size={16} aria-hidden />
            {t("summary.noInformationFrom", { names: moments.list(section.silentInstitutions) })}
          </p>
        )
      )}
    </section>
  );
}
