import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { ImageObject } from "../engine/imaging.ts";
import { FailureNote } from "../frame/failure-note.tsx";
import classes from "./viewer.module.css";
import type { ViewportState } from "./viewport.ts";

/** Why there is no picture: it is on its way, it cannot be opened, or it is of a kind that cannot be drawn here. */
export function ImageProblem({ state }: { readonly state: ViewportState }) {
  const { t } = useTranslation();
  if (state.failure === "undecodable")
    return (
      <p role="alert" className={classes.middle}>
        {t("viewer.undecodable")}
      </p>
    );
  if (state.failure !== undefined)
    return (
      <div className={classes.middle}>
        <FailureNote code={state.failure} />
      </div>
    );
  if (state.painted !== undefined) return null;
  return (
    <p role="status" className={classes.middle}>
      {t("viewer.opening")}
    </p>
  );
}

/** The image names another person than the case: nobody may take it for this patient's without having read that. */
export function OtherPatient({ object }: { readonly object: ImageObject | undefined }) {
  const { t } = useTranslation();
  if (object?.isOtherPatient !== true) return null;
  return (
    <div role="alert" className={classes.warning}>
      <IconAlertTriangle size={20} aria-hidden />
      {t("viewer.otherPatient")}
    </div>
  );
}
