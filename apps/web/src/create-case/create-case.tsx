import type { PatientChoice } from "@caseroom/contract";
import { Button, Group, TextInput, Title } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { PersonChoice } from "../engine/engine.ts";
import { useAct } from "../engine/use-act.ts";
import { useEngine } from "../engine/use-engine.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { ChosenPeople } from "./chosen-people.tsx";
import classes from "./create-case.module.css";
import { PatientSearch } from "./patient-search.tsx";
import { PersonSearch, samePerson } from "./person-search.tsx";
import { Review } from "./review.tsx";
import { STEPS, type Step } from "./step.ts";
import { StepList } from "./step-list.tsx";

/** Patient, name, colleagues, review. Each step is one question; going back keeps every answer. */
export function CreateCase({ institution }: { readonly institution: string }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const [, navigate] = useLocation();
  const { run, isRunning, failure } = useAct();
  const [step, setStep] = useState<Step>("patient");
  const [patient, setPatient] = useState<PatientChoice | undefined>(undefined);
  const [name, setName] = useState("");
  const [isNameMissing, setNameMissing] = useState(false);
  const [people, setPeople] = useState<readonly PersonChoice[]>([]);
  const heading = useFocusOnChange(step);

  const choosePatient = (chosen: PatientChoice) => {
    setPatient(chosen);
    setStep("name");
  };
  const confirmName = (event: FormEvent) => {
    event.preventDefault();
    setNameMissing(name.trim() === "");
    if (name.trim() !== "") setStep("team");
  };
  const create = async () => {
    if (patient === undefined) return;
    await run(
      () => engine.createCase({ name: name.trim(), patient, invite: people }),
      ({ spaceId }) => navigate(`/case/${spaceId}`, { replace: true }),
    );
  };
  const back = () => {
    const previous = STEPS[STEPS.indexOf(step) - 1];
    if (previous === undefined) navigate("/");
    else setStep(previous);
  };

  return (
    <main className={classes.page} id="content" tabIndex={-1}>
      <div className={classes.column}>
        <p className={classes.over}>{t("create.title")}</p>
        <StepList steps={STEPS} current={step} />
        <div className={classes.card}>
          <Title order={1} size="h2" ref={heading} tabIndex={-1} className={classes.title}>
            {t(TITLES[step])}
          </Title>
          {step === "patient" && <PatientSearch institution={institution} chosen={patient} onChoose={choosePatient} />}
          {step === "name" && (
            <form id="name-step" onSubmit={confirmName} noValidate>
              <TextInput
                label={t("create.name")}
                description={t("create.nameHint")}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                error={isNameMissing ? t("create.missingName") : undefined}
                maxLength={120}
                autoComplete="off"
                autoFocus
              />
            </form>
          )}
          {step === "team" && (
            <>
              <p className={classes.lead}>{t("create.teamLead")}</p>
              <ChosenPeople
                people={people}
                onDrop={(person) => setPeople(people.filter((p) => !samePerson(p, person)))}
              />
              <PersonSearch chosen={people} onChoose={(person) => setPeople([...people, person])} />
            </>
          )}
          {step === "review" && patient !== undefined && (
            <Review patient={patient} name={name.trim()} people={people} onChange={setStep} />
          )}
          <FailureNote code={failure} />
          <Group justify="space-between" mt="lg">
            <Button variant="default" onClick={back} disabled={isRunning}>
              {step === "patient" ? t("app.cancel") : t("app.back")}
            </Button>
            {step === "patient" && patient !== undefined && (
              <Button onClick={() => setStep("name")}>{t("app.next")}</Button>
            )}
            {step === "name" && (
              <Button type="submit" form="name-step">
                {t("app.next")}
              </Button>
            )}
            {step === "team" && <Button onClick={() => setStep("review")}>{t("app.next")}</Button>}
            {step === "review" && (
              <Button onClick={() => void create()} loading={isRunning}>
                {t("create.create")}
              </Button>
            )}
          </Group>
        </div>
      </div>
    </main>
  );
}

const TITLES = {
  patient: "create.patientTitle",
  name: "create.nameTitle",
  team: "create.teamTitle",
  review: "create.reviewTitle",
} as const;

/** Moves the focus to the heading of a new step, so that the keyboard and a screen reader go along; not on arrival. */
function useFocusOnChange(step: Step) {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    if (step !== "name") heading.current?.focus();
  }, [step]);
  return heading;
}
