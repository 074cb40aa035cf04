import type { SpaceId } from "@caseroom/contract";
import { Modal } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { RoomView } from "../engine/engine.ts";
import { useEngineValue } from "../engine/use-engine.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { PatientLine } from "../values/patient-line.tsx";
import { StudyReader } from "./study-reader.tsx";
import classes from "./viewer.module.css";

export { prepareCornerstone as prepareViewer } from "./cornerstone.ts";

type ViewerProps = {
  readonly spaceId: SpaceId;
  /** StudyInstanceUID. */
  readonly study: string;
  readonly room: RoomView | undefined;
  readonly onClose: () => void;
};

/** A study over the whole window, dark whatever the app's colours are: eyes that read grey values must not be dazzled. */
export function Viewer({ spaceId, study, room, onClose }: ViewerProps) {
  const { t } = useTranslation();
  const answer = useEngineValue({ type: "imaging", spaceId }, (engine) => engine.study(spaceId, study));
  return (
    <Modal.Root
      opened
      onClose={onClose}
      fullScreen
      closeOnEscape={false}
      transitionProps={{ duration: 0 }}
      padding={0}
      zIndex={300}
    >
      <Modal.Content className={classes.content} data-mantine-color-scheme="dark">
        <div className={classes.viewer}>
          <header className={classes.top}>
            <button type="button" className={classes.iconButton} aria-label={t("app.close")} onClick={onClose}>
              <IconX size={24} aria-hidden />
            </button>
            <Modal.Title className={classes.title}>
              <span className="visually-hidden">{t("viewer.title")} </span>
              <PatientLine patient={room?.patient} />
            </Modal.Title>
            <span className={classes.purpose}>{t("viewer.notPrimary")}</span>
          </header>
          {answer === undefined && (
            <p role="status" className={classes.middle}>
              {t("app.loading")}
            </p>
          )}
          {answer?.ok === false && (
            <div className={classes.middle}>
              <FailureNote code={answer.error.code} />
            </div>
          )}
          {answer?.ok === true && (
            <StudyReader spaceId={spaceId} study={answer.value} canWrite={room?.canWrite === true} onClose={onClose} />
          )}
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}
