import type { Invitation } from "@caseroom/contract";
import { Button, Title } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useAct } from "../engine/use-act.ts";
import { useEngine, useEngineValue } from "../engine/use-engine.tsx";
import { FailureNote, useToast } from "../frame/failure-note.tsx";
import { Sentence } from "../messages/sentence.tsx";
import { useMoments } from "../values/moment.ts";
import { PersonName } from "../values/person-name.tsx";
import classes from "./home.module.css";

export function Invitations() {
  const { t } = useTranslation();
  const invitations = useEngineValue({ type: "cases" }, (engine) => engine.invitations()) ?? [];
  if (invitations.length === 0) return null;
  return (
    <section aria-labelledby="invitations" className={classes.invitations}>
      <Title order={2} size="h3" id="invitations">
        {t("home.invitations")}
      </Title>
      <ul className={classes.list} data-look="cards">
        {invitations.map((invitation) => (
          <li key={invitation.id}>
            <InvitationCard invitation={invitation} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function InvitationCard({ invitation }: { readonly invitation: Invitation }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const engine = useEngine();
  const toast = useToast();
  const titleId = useId();
  const { run, isRunning, failure } = useAct();
  const answer = async (given: "accept" | "decline") => {
    if (!(await run(() => engine.answerInvitation(invitation.id, given)))) return;
    toast(given === "accept" ? t("home.accepted") : t("home.declined"));
  };
  return (
    <article className={classes.invitation} aria-labelledby={titleId}>
      <div className={classes.invitationText}>
        <span className={classes.caseName} id={titleId}>
          <bdi>{invitation.caseName}</bdi>
        </span>
        {invitation.patientLabel !== "" && <bdi>{invitation.patientLabel}</bdi>}
        <span className={classes.soft}>
          <Sentence
            say={(values) => t("home.invitedBy", { who: "", institution: "", ...values })}
            parts={{
              who: <PersonName name={invitation.invitedBy} />,
              institution: <bdi>{invitation.invitedByInstitution}</bdi>,
            }}
          />{" "}
          <Sentence
            say={(values) => t("home.asRole", { role: "", ...values })}
            parts={{ role: <bdi>{invitation.role}</bdi> }}
          />{" "}
          · {moments.brief(invitation.atMs)}
        </span>
      </div>
      <div className={classes.invitationActs}>
        <Button
          variant="default"
          disabled={isRunning}
          aria-describedby={titleId}
          onClick={() => void answer("decline")}
        >
          {t("home.decline")}
        </Button>
        <Button loading={isRunning} aria-describedby={titleId} onClick={() => void answer("accept")}>
          {t("home.accept")}
        </Button>
      </div>
      <FailureNote code={failure} />
    </article>
  );
}
