import { Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { RecordView, RoomView } from "../engine/engine.ts";
import { VerifiedIndicator } from "../record/verified-indicator.tsx";
import { PatientDetails } from "../values/patient-line.tsx";
import { PersonName } from "../values/person-name.tsx";
import classes from "./case-page.module.css";

type PatientHeaderProps = { readonly room: RoomView | undefined; readonly record: RecordView | undefined };

/** Whose record this is, always in sight above whatever is read or written. */
export function PatientHeader({ room, record }: PatientHeaderProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.patient}>
      <div className={classes.patientText}>
        <Title order={1} className={classes.patientName}>
          {room?.patient === undefined ? (
            <bdi>{room?.name ?? t("app.loading")}</bdi>
          ) : (
            <PersonName name={room.patient.name} />
          )}
        </Title>
        <div className={classes.patientDetails}>
          {room?.patient === undefined ? t("home.noPatient") : <PatientDetails patient={room.patient} born />}
        </div>
      </div>
      <div className={classes.caseFacts}>
        {room !== undefined && (
          <span className={classes.caseTitle}>
            <bdi>{room.name}</bdi>
            <span className={classes.members}> · {t("home.members", { count: room.members })}</span>
          </span>
        )}
        {record !== undefined && <VerifiedIndicator record={record} />}
      </div>
    </div>
  );
}
