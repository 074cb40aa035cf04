import { useTranslation } from "react-i18next";
import type { PatientLabel } from "../engine/engine.ts";
import { ageInYears } from "./age.ts";
import { LtrValue } from "./ltr-value.tsx";
import { useMoments } from "./moment.ts";
import { PersonName } from "./person-name.tsx";
import classes from "./values.module.css";

const SEXES = ["male", "female", "other"] as const;

/** Age, sex and masked identifier: what tells two patients of one name apart. */
export function PatientDetails({ patient, born = false }: { readonly patient: PatientLabel; readonly born?: boolean }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const age = ageInYears(patient.birthDate, new Date());
  const sex = SEXES.find((known) => known === patient.sex) ?? "unknown";
  return (
    <span className={classes.dotted}>
      <span>{age === undefined ? t("patient.birthUnknown") : t("patient.age", { count: age })}</span>
      <span>{t(`patient.${sex}`)}</span>
      {born && patient.birthDate !== undefined && (
        <span>{t("patient.born", { date: moments.partial(patient.birthDate) })}</span>
      )}
      <span>
        {patient.identifier === undefined ? t("patient.noIdentifier") : <LtrValue>{patient.identifier}</LtrValue>}
      </span>
    </span>
  );
}

/** One line that says whose it is: name, age, sex, masked identifier. */
export function PatientLine({ patient }: { readonly patient: PatientLabel | undefined }) {
  const { t } = useTranslation();
  if (patient === undefined) return <span className={classes.soft}>{t("home.noPatient")}</span>;
  return (
    <span className={classes.patientLine}>
      <PersonName name={patient.name} strong />
      <span className={classes.soft}>
        <PatientDetails patient={patient} />
      </span>
    </span>
  );
}
