import type { PatientChoice } from "@caseroom/contract";
import { TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PatientLabel } from "../engine/engine.ts";
import { useEngine } from "../engine/use-engine.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { Sentence } from "../messages/sentence.tsx";
import { PatientDetails } from "../values/patient-line.tsx";
import { PersonName } from "../values/person-name.tsx";
import classes from "./create-case.module.css";
import { useSearch } from "./use-search.ts";

type PatientSearchProps = {
  readonly institution: string;
  readonly chosen: PatientChoice | undefined;
  readonly onChoose: (patient: PatientChoice) => void;
};

export function PatientSearch({ institution, chosen, onChoose }: PatientSearchProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const [query, setQuery] = useState("");
  const { found, failure } = useSearch(query, (asked) => engine.searchPatients(asked));
  return (
    <search>
      <p className={classes.lead}>
        <Sentence
          say={(values) => t("create.patientLead", { institution: "", ...values })}
          parts={{ institution: <bdi>{institution}</bdi> }}
        />
      </p>
      <TextInput
        label={t("create.patientSearch")}
        description={t("create.patientHint")}
        leftSection={<IconSearch size={18} aria-hidden />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        autoComplete="off"
        autoFocus
      />
      <p role="status" className={classes.count}>
        {found === undefined
          ? ""
          : found.length === 0
            ? t("create.noPatients")
            : t("create.patientsFound", { count: found.length })}
      </p>
      <FailureNote code={failure} />
      <ul className={classes.choices}>
        {(found ?? []).map((patient) => (
          <li key={patient.chartSpaceId}>
            <UnstyledButton
              className={classes.choice}
              aria-pressed={patient.chartSpaceId === chosen?.chartSpaceId}
              onClick={() => onChoose(patient)}
            >
              <span className={classes.choiceText}>
                <PersonName name={patient.name} strong />
                <span className={classes.soft}>
                  <PatientDetails patient={labelOf(patient)} born />
                </span>
              </span>
              <IconChevronRight size={18} aria-hidden className={classes.onward} />
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </search>
  );
}

/** A patient of the institution as every screen names one. */
export function labelOf(patient: PatientChoice): PatientLabel {
  return {
    name: patient.name,
    birthDate: patient.birthDate ?? undefined,
    sex: patient.sex ?? undefined,
    identifier: patient.identifiers[0]?.masked,
  };
}
