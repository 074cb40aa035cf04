import { IconCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import classes from "./create-case.module.css";
import type { Step } from "./step.ts";

const NAMES = {
  patient: "create.stepPatient",
  name: "create.stepName",
  team: "create.stepTeam",
  review: "create.stepReview",
} as const;

/** Where in the form the person is. */
export function StepList({ steps, current }: { readonly steps: readonly Step[]; readonly current: Step }) {
  const { t } = useTranslation();
  const at = steps.indexOf(current);
  return (
    <ol className={classes.steps} aria-label={t("create.steps")}>
      {steps.map((step, index) => (
        <li
          key={step}
          aria-current={step === current ? "step" : undefined}
          data-state={index < at ? "done" : index === at ? "now" : "later"}
        >
          <span className={classes.stepMark} aria-hidden>
            {index < at ? <IconCheck size={15} /> : index + 1}
          </span>
          <span className={classes.stepName}>{t(NAMES[step])}</span>
        </li>
      ))}
    </ol>
  );
}
