import { Title } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBuildingHospital,
  IconLockQuestion,
  IconPill,
  IconStethoscope,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { RecordView } from "../engine/engine.ts";
import { useMoments } from "../values/moment.ts";
import { Conflicts } from "./conflicts.tsx";
import { FactSection } from "./fact-section.tsx";
import classes from "./record.module.css";

/** What one has to know before touching the patient, the dangerous first. */
export function Summary({ record }: { readonly record: RecordView }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const { picture, missingInstitutions } = record;
  return (
    <div className={classes.stack}>
      <FactSection
        title={t("summary.allergies")}
        icon={<IconAlertTriangle size={20} aria-hidden />}
        section={picture.allergies}
        institutions={picture.institutions}
        noneWords={t("summary.noneAllergies")}
        isWarning
      />
      {missingInstitutions.length > 0 && (
        <p className={classes.noInformation}>
          <IconLockQuestion size={20} aria-hidden />
          <span>
            <strong>{t("summary.missing", { names: moments.list(missingInstitutions) })}</strong>
            <span className={classes.block}>{t("summary.missingDo")}</span>
          </span>
        </p>
      )}
      <Conflicts conflicts={picture.conflicts} />
      <FactSection
        title={t("summary.problems")}
        icon={<IconStethoscope size={20} aria-hidden />}
        section={picture.problems}
        institutions={picture.institutions}
        noneWords={t("summary.noneProblems")}
      />
      <FactSection
        title={t("summary.medications")}
        icon={<IconPill size={20} aria-hidden />}
        section={picture.medications}
        institutions={picture.institutions}
        noneWords={t("summary.noneMedications")}
      />
      <section aria-labelledby="institutions" className={classes.section}>
        <Title order={2} size="h3" id="institutions" className={classes.sectionTitle}>
          <IconBuildingHospital size={20} aria-hidden />
          {t("summary.institutions")}
        </Title>
        <ul className={classes.institutions}>
          {picture.institutions.map(({ id, name, fragments, newestMs }) => (
            <li key={id}>
              <bdi>{name}</bdi>
              <span className={classes.soft}>
                {t("summary.entries", { count: fragments })} · {t("summary.newest", { when: moments.day(newestMs) })}
              </span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
