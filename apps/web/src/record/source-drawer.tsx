import type { Source } from "@caseroom/clinical";
import type { Failure, Result, SpaceId } from "@caseroom/contract";
import { Loader } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SourceView } from "../engine/engine.ts";
import { useEngineLink } from "../engine/use-engine.tsx";
import { SideSheet } from "../frame/dialog.tsx";
import { FailureNote } from "../frame/failure-note.tsx";
import { useMoments } from "../values/moment.ts";
import classes from "./source.module.css";
import { SourceFacts } from "./source-facts.tsx";
import type { OpenSource } from "./source-opener.ts";

type SourceDrawerProps = {
  readonly spaceId: SpaceId;
  readonly opened: OpenSource | undefined;
  readonly onClose: () => void;
};

/** Where a fact comes from, down to the bytes. With several sources, each of them. */
export function SourceDrawer({ spaceId, opened, onClose }: SourceDrawerProps) {
  const { t } = useTranslation();
  return (
    <SideSheet opened={opened !== undefined} onClose={onClose} title={t("source.title")}>
      {opened !== undefined && <Sources key={opened.sources[0]?.fragmentId} spaceId={spaceId} opened={opened} />}
    </SideSheet>
  );
}

function Sources({ spaceId, opened }: { readonly spaceId: SpaceId; readonly opened: OpenSource }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const [chosen, setChosen] = useState(opened.sources[0]);
  return (
    <div className={classes.source}>
      <p className={classes.factTitle}>
        <bdi>{opened.title}</bdi>
      </p>
      {opened.sources.length > 1 && (
        <div role="radiogroup" aria-label={t("source.several")} className={classes.choices}>
          {opened.sources.map((source) => (
            <label key={source.fragmentId} className={classes.choice}>
              <input
                type="radio"
                name="source"
                checked={source.fragmentId === chosen?.fragmentId}
                onChange={() => setChosen(source)}
              />
              <span>
                <bdi>{source.institution}</bdi>
                <span className={classes.soft}>
                  <bdi>{source.system}</bdi> · {moments.day(source.receivedMs)}
                </span>
              </span>
            </label>
          ))}
        </div>
      )}
      {chosen !== undefined && <OneSource key={chosen.fragmentId} spaceId={spaceId} source={chosen} />}
    </div>
  );
}

function OneSource({ spaceId, source }: { readonly spaceId: SpaceId; readonly source: Source }) {
  const { t } = useTranslation();
  const link = useEngineLink();
  const [answer, setAnswer] = useState<Result<SourceView, Failure> | undefined>(undefined);
  useEffect(() => {
    let stopped = false;
    link.engine.source(spaceId, source.fragmentId).then(
      (result) => {
        if (!stopped) setAnswer(result);
      },
      () => link.reportCrash(),
    );
    return () => {
      stopped = true;
    };
  }, [link, spaceId, source.fragmentId]);
  if (answer === undefined) {
    return (
      <p role="status" className={classes.opening}>
        <Loader size="sm" aria-hidden />
        {t("source.opening")}
      </p>
    );
  }
  return answer.ok ? <SourceFacts view={answer.value} /> : <FailureNote code={answer.error.code} />;
}
