import { Button } from "@mantine/core";
import { IconBuildingHospital, IconEye, IconEyeOff } from "@tabler/icons-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { TeamMember } from "../engine/engine.ts";
import { initialsOf } from "../frame/initials.ts";
import type en from "../messages/en.json";
import { useMoments } from "../values/moment.ts";
import { PersonName } from "../values/person-name.tsx";
import classes from "./team.module.css";

type TeamMemberRowProps = { readonly member: TeamMember; readonly isMe: boolean; readonly onRemove: () => void };

export function TeamMemberRow({ member, isMe, onRemove }: TeamMemberRowProps) {
  const { t } = useTranslation();
  const nameId = useId();
  const place = member.isGateway ? [] : [member.role, member.institution].filter((text) => text !== "");
  return (
    <div className={classes.member} data-status={member.status}>
      <span className={classes.face} aria-hidden>
        {member.isGateway ? <IconBuildingHospital size={20} /> : initialsOf(member.name)}
      </span>
      <div className={classes.memberText}>
        <span className={classes.memberName}>
          <span id={nameId}>
            <PersonName name={member.name} strong />
          </span>
          {isMe && <span className={classes.soft}>({t("team.you")})</span>}
          {member.status !== "member" && (
            <span className={classes.status} data-status={member.status}>
              {t(`team.status.${member.status}`)}
            </span>
          )}
        </span>
        {place.length > 0 && (
          <span className={classes.soft}>
            <bdi>{place[0]}</bdi>
            {place[1] !== undefined && (
              <>
                {" · "}
                <bdi>{place[1]}</bdi>
              </>
            )}
          </span>
        )}
      </div>
      {member.canRemove && (
        <Button variant="default" size="sm" aria-describedby={nameId} onClick={onRemove}>
          {t("team.remove")}
        </Button>
      )}
      {member.status === "member" && <Opens opens={member.opens} />}
    </div>
  );
}

type TierKey = keyof (typeof en)["team"]["tier"];
const TIERS: readonly TierKey[] = ["room", "decision", "emergency", "clinical", "audit", "department", "sensitive"];

function Opens({ opens }: { readonly opens: readonly string[] }) {
  const { t } = useTranslation();
  const moments = useMoments();
  const names = opens.map((word) => {
    const tier = TIERS.find((known) => known === word);
    return tier === undefined ? word : t(`team.tier.${tier}`);
  });
  const Icon = names.length === 0 ? IconEyeOff : IconEye;
  return (
    <span className={classes.opens}>
      <Icon size={16} aria-hidden />
      {names.length === 0 ? t("team.opensNothing") : `${t("team.opens")}: ${moments.list(names)}`}
    </span>
  );
}
