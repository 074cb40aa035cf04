import type { SpaceId } from "@caseroom/contract";
import { Button, Title } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PersonSearch } from "../create-case/person-search.tsx";
import type { Me, PersonChoice, TeamMember } from "../engine/engine.ts";
import { useAct } from "../engine/use-act.ts";
import { useEngine, useEngineValue } from "../engine/use-engine.tsx";
import { Dialog } from "../frame/dialog.tsx";
import { FailureNote, useToast } from "../frame/failure-note.tsx";
import { RemoveDialog } from "./remove-dialog.tsx";
import classes from "./team.module.css";
import { TeamMemberRow } from "./team-member-row.tsx";

/** Who is in the case and exactly what each of them can open. */
export function Team({ spaceId, me }: { readonly spaceId: SpaceId; readonly me: Me | undefined }) {
  const { t } = useTranslation();
  const team = useEngineValue({ type: "team", spaceId }, (engine) => engine.team(spaceId));
  const [isInviting, setInviting] = useState(false);
  const [removing, setRemoving] = useState<TeamMember | undefined>(undefined);
  if (team === undefined) return null;
  const people = team.members.filter(({ isGateway }) => !isGateway);
  const gateways = team.members.filter(({ isGateway }) => isGateway);
  return (
    <div className={classes.team}>
      <div className={classes.head}>
        <Title order={2} size="h3">
          {t("team.people")}
        </Title>
        {team.canInvite && (
          <Button size="sm" leftSection={<IconUserPlus size={18} aria-hidden />} onClick={() => setInviting(true)}>
            {t("team.invite")}
          </Button>
        )}
      </div>
      <ul className={classes.members}>
        {people.map((member) => (
          <li key={`${member.userId ?? ""} ${member.name} ${member.institution}`}>
            <TeamMemberRow member={member} isMe={member.userId === me?.userId} onRemove={() => setRemoving(member)} />
          </li>
        ))}
      </ul>
      {gateways.length > 0 && (
        <>
          <div>
            <Title order={2} size="h3">
              {t("team.gateways")}
            </Title>
            <p className={classes.soft}>{t("team.gatewayLead")}</p>
          </div>
          <ul className={classes.members}>
            {gateways.map((member) => (
              <li key={`${member.userId ?? ""} ${member.name}`}>
                <TeamMemberRow member={member} isMe={false} onRemove={() => setRemoving(member)} />
              </li>
            ))}
          </ul>
        </>
      )}
      <Dialog opened={isInviting} onClose={() => setInviting(false)} title={t("team.inviteTitle")}>
        <InviteForm spaceId={spaceId} onDone={() => setInviting(false)} />
      </Dialog>
      <RemoveDialog spaceId={spaceId} member={removing} onClose={() => setRemoving(undefined)} />
    </div>
  );
}

function InviteForm({ spaceId, onDone }: { readonly spaceId: SpaceId; readonly onDone: () => void }) {
  const { t } = useTranslation();
  const engine = useEngine();
  const toast = useToast();
  const { run, isRunning, failure } = useAct();
  const invite = async (person: PersonChoice) => {
    if (!(await run(() => engine.invite(spaceId, person)))) return;
    toast(t("team.invited", { name: person.name }));
    onDone();
  };
  return (
    <>
      <PersonSearch chosen={[]} act={t("team.invite")} isBusy={isRunning} onChoose={(person) => void invite(person)} />
      <FailureNote code={failure} />
    </>
  );
}
