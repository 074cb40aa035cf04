import type { SpaceId } from "@caseroom/contract";
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconPhotoOff, IconPhotoScan } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { ImagingStudy, ImagingView } from "../engine/imaging.ts";
import { useEngineValue } from "../engine/use-engine.tsx";
import { EmptyState } from "../frame/empty-state.tsx";
import { LtrValue } from "../values/ltr-value.tsx";
import { useMoments } from "../values/moment.ts";
import { useViewerAhead } from "../viewer/viewer-chunk.ts";
import classes from "./imaging.module.css";

type ImagingProps = { readonly spaceId: SpaceId; readonly onOpen: (study: string) => void };

/** The patient's studies, and the institutions from which there are none: silence is not a finding. */
export function Imaging({ spaceId, onOpen }: ImagingProps) {
  const view = useEngineValue({ type: "imaging", spaceId }, async (engine) => ({
    imaging: await engine.imaging(spaceId),
  }));
  const { t } = useTranslation();
  if (view === undefined) return <p className={classes.soft}>{t("app.loading")}</p>;
  const { studies, silentInstitutions }: Pick<ImagingView, "studies" | "silentInstitutions"> = view.imaging ?? {
    studies: [],
    silentInstitutions: [],
  };
  if (studies.length === 0) return <NoStudies silentInstitutions={silentInstitutions} />;
  return (
    <div className={classes.imaging}>
      <ul className={classes.studies}>
        {studies.map((study) => (
          <li key={study.study}>
            <StudyRow study={study} onOpen={() => onOpen(study.study)} />
          </li>
        ))}
      </ul>
      {silentInstitutions.length > 0 && <Silent names={silentInstitutions} />}
    </div>
  );
}

function StudyRow({ study, onOpen }: { readonly study: ImagingStudy; readonly onOpen: () => void }) {
  const { t } = useTranslation();
  useViewerAhead();
  const name = study.description ?? t("imaging.noDescription");
  return (
    <article className={classes.study}>
      <h3 className={classes.name}>
        <LtrValue className={classes.modality}>{study.modalities.join(" ")}</LtrValue>
        <bdi>{name}</bdi>
      </h3>
      <StudyFacts study={study} />
      <span className={classes.soft}>
        {t("imaging.series", { count: study.series })} · <ImageCount study={study} />
      </span>
      <Button
        variant="light"
        className={classes.open}
        leftSection={<IconPhotoScan size={18} aria-hidden />}
        disabled={study.images === 0}
        aria-label={t("imaging.openStudy", { study: name })}
        onClick={onOpen}
      >
        {t("imaging.open")}
      </Button>
    </article>
  );
}

type FactsOf = { readonly study: Pick<ImagingStudy, "when" | "bodyPart" | "institution"> };

export function StudyFacts({ study }: FactsOf) {
  const { t } = useTranslation();
  const moments = useMoments();
  return (
    <span className={classes.soft}>
      {study.when === undefined ? t("imaging.noDate") : moments.partial(study.when)}
      {study.bodyPart !== undefined && (
        <>
          {" · "}
          <bdi>{study.bodyPart}</bdi>
        </>
      )}
      <bdi className={classes.institution}>{study.institution}</bdi>
    </span>
  );
}

/** How many images can be opened, and whether more are on their way. */
export function ImageCount({ study }: { readonly study: Pick<ImagingStudy, "images" | "expected"> }) {
  const { t } = useTranslation();
  const { images, expected } = study;
  if (expected !== undefined && expected > images)
    return <span className={classes.arriving}>{t("imaging.arriving", { count: images, total: expected })}</span>;
  if (images === 0) return <span className={classes.arriving}>{t("imaging.unopened")}</span>;
  return <span>{t("imaging.images", { count: images })}</span>;
}

function NoStudies({ silentInstitutions }: Pick<ImagingView, "silentInstitutions">) {
  const { t } = useTranslation();
  const moments = useMoments();
  const names = moments.list(silentInstitutions);
  return (
    <EmptyState
      icon={<IconPhotoOff size={30} aria-hidden />}
      title={silentInstitutions.length === 0 ? t("imaging.none") : t("imaging.noneFrom", { names })}
      text={t("imaging.notNone")}
    />
  );
}

function Silent({ names }: { readonly names: readonly string[] }) {
  const { t } = useTranslation();
  const moments = useMoments();
  return (
    <p className={classes.silent}>
      <IconAlertTriangle size={18} aria-hidden />
      <span>
        {t("imaging.noneFrom", { names: moments.list(names) })}. {t("imaging.notNone")}
      </span>
    </p>
  );
}
