import type { PatientChoice } from "@caseroom/contract";
import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import type { PersonChoice } from "../engine/engine.ts";
import { PatientDetails } from "../values/patient-line.tsx";
import { PersonName } from "../values/person-name.tsx";
import classes from "./create-case.module.css";
import { labelOf } from "./patient-search.tsx";
import { PersonPlace } from "./person-search.tsx";
import type { Step } from "./step.ts";

type ReviewProps = {
  readonly patient: PatientChoice;
  readonly name: string;
  readonly people: readonly PersonChoice[];
  readonly onChange: (step: Step) => void;
};

/** Everything once more before it is sealed: the wrong patient is found here or nowhere. */
export function Review({ patient, name, people, onChange }: ReviewProps) {
  const { t } = useTranslation();
  return (
    <>
      <dl className={classes.review}>
        <ReviewRow term={t("create.reviewPatient")} onChange={() => onChange("patient")}>
          <span className={classes.reviewMain}>
            <PersonName name={patient.name} strong />
          </span>
          <span className={classes.soft}>
            <PatientDetails patient={labelOf(patient)} born />
          </span>
        </ReviewRow>
        <ReviewRow term={t("create.reviewName")} onChange={() => onChange("name")}>
          <span className={classes.reviewMain}>
            <bdi>{name}</bdi>
          </span>
        </ReviewRow>
        <ReviewRow term={t("create.reviewTeam")} onChange={() => onChange("team")}>
          {people.length === 0
            ? t("create.reviewNobody")
            : people.map((person) => (
                <span key={`${person.orgId} ${person.staffId}`} className={classes.choiceText}>
                  <PersonName name={person.name} strong />
                  <PersonPlace person={person} />
                </span>
              ))}
        </ReviewRow>
      </dl>
      <p className={classes.disclosure}>
        <IconLock size={18} aria-hidden />
        {t("create.disclosure")}
      </p>
    </>
  );
}

type ReviewRowProps = { readonly term: string; readonly onChange: () => void; readonly children: ReactNode };

function ReviewRow({ term, onChange, children }: ReviewRowProps) {
  const { t } = useTranslation();
  const termId = useId();
  return (
    <div>
      <dt id={termId}>{term}</dt>
      <dd>
        <span className={classes.reviewValue}>{children}</span>
        <Button variant="subtle" size="sm" aria-describedby={termId} onClick={onChange}>
          {t("create.change")}
        </Button>
      </dd>
    </div>
  );
}
