import type { ChartLink, LinkState } from "@caseroom/contract";
import { Button, Group, Title } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useAct } from "../engine/use-act.ts";
import { useEngine, useEngineValue } from "../engine/use-engine.tsx";
import { EmptyState } from "../frame/empty-state.tsx";
import { FailureNote, useToast } from "../frame/failure-note.tsx";
import { Sentence } from "../messages/sentence.tsx";
import { useMoments } from "../values/moment.ts";
import { PersonName } from "../values/person-name.tsx";
import { SideBySide } from "../values/side-by-side.tsx";
import classes from "./links.module.css";

/** Which of the institution's records are a case's patient's: what is not certain is a person's to say, and to take back. */
export function LinksPage({ institution }: { readonly institution: string }) {
  const { t } = useTranslation();
  const answer = useEngineValue({ type: "tasks" }, (engine) => engine.chartLinks());
  const links = answer?.ok === true ? answer.value : undefined;
  const suggested = links?.filter(({ state }) => state === "suggested") ?? [];
  const decided = links?.filter(({ state }) => state !== "suggested") ?? [];
  return (
    <main className={classes.page} id="content" tabIndex={-1}>
      <div className={classes.column}>
        <Link href="/" className={classes.back}>
          {t("import.back")}
        </Link>
        <Title order={1}>{t("links.title")}</Title>
        <p className={classes.soft}>{t("links.lead", { institution })}</p>
        <FailureNote code={answer?.ok === false ? answer.error.code : undefined} />
        {links !== undefined && suggested.length === 0 && (
          <EmptyState
            icon={<IconCircleCheck size={30} aria-hidden />}
            title={t("links.none")}
            text={t("links.noneText")}
          />
        )}
        <Cards links={suggested} institution={institution} />
        {decided.length > 0 && (
          <>
            <Title order={2} size="h3">
              {t("links.decided")}
            </Title>
            <Cards links={decided} institution={institution} />
          </>
        )}
      </div>
    </main>
  );
}

function Cards({ links, institution }: { readonly links: readonly ChartLink[]; readonly institution: string }) {
  return (
    <ul className={classes.list}>
      {links.map((link) => (
        <li key={`${link.spaceId} ${link.patientId}`}>
          <Card link={link} institution={institution} />
        </li>
      ))}
    </ul>
  );
}

function Card({ link, institution }: { readonly link: ChartLink; readonly institution: string }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const toast = useToast();
  const titleId = useId();
  const { run, isRunning, failure } = useAct();
  const { spaceId, patientId, state } = link;
  const answer = async (given: LinkState) => {
    if (await run(() => engine.answerChartLink({ spaceId, patientId, state: given }))) toast(t(`links.done.${given}`));
  };
  const button = (given: LinkState, label: string, variant: "filled" | "default") => (
    <Button variant={variant} disabled={isRunning} aria-describedby={titleId} onClick={() => void answer(given)}>
      {label}
    </Button>
  );
  return (
    <article className={classes.card} data-state={state} aria-labelledby={titleId}>
      <h3 id={titleId} className={classes.cardTitle}>
        <bdi>{link.caseName}</bdi>
      </h3>
      <Decision link={link} />
      <SideBySide
        caption={t("links.compare", { name: link.caseName })}
        titles={[t("links.inCase"), t("links.onRecord", { institution })]}
        people={[link.inCase, link.onRecord]}
      />
      {state === "suggested" && <p className={classes.soft}>{t("links.consequence")}</p>}
      <Group gap="sm">
        {state === "suggested" && button("confirmed", t("links.same"), "filled")}
        {state === "suggested" && button("refused", t("links.other"), "default")}
        {state === "confirmed" && button("refused", t("links.undo"), "default")}
        {state === "refused" && button("suggested", t("links.lookAgain"), "default")}
      </Group>
      <FailureNote code={failure} />
    </article>
  );
}

/** What stands now, and who said so: a person by name, or the institution's rule. */
function Decision({ link }: { readonly link: ChartLink }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const { state, answered, shared } = link;
  const numbers = moments.list(shared);
  return (
    <p className={classes.decision}>
      <span>{t(`links.state.${state}`)}</span>
      {shared.length > 0 && <span>{t("links.shared", { numbers })}</span>}
      {state !== "suggested" && answered === null && <span>{t("links.byRule")}</span>}
      {answered !== null && (
        <span>
          <Sentence
            say={(values) => t("links.by", { who: "", when: moments.dayAndTime(answered.atMs), ...values })}
            parts={{ who: <PersonName name={answered.by} /> }}
          />
        </span>
      )}
    </p>
  );
}
