import type { SpaceId } from "@caseroom/contract";
import { Button, Group, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { TeamMember } from "../engine/engine.ts";
import { useAct } from "../engine/use-act.ts";
import { useEngine } from "../engine/use-engine.tsx";
import { Dialog } from "../frame/dialog.tsx";
import { FailureNote, useToast } from "../frame/failure-note.tsx";
import { Sentence } from "../messages/sentence.tsx";
import { PersonName } from "../values/person-name.tsx";
import classes from "./team.module.css";

type RemoveDialogProps = {
  readonly spaceId: SpaceId;
  readonly member: TeamMember | undefined;
  readonly onClose: () => void;
};

/** Says what a removal does and what it cannot undo, before it is done. */
export function RemoveDialog({ spaceId, member, onClose }: RemoveDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog opened={member !== undefined} onClose={onClose} title={t("team.removeTitle", { name: member?.name ?? "" })}>
      {member !== undefined && <RemoveForm spaceId={spaceId} member={member} onClose={onClose} />}
    </Dialog>
  );
}

type RemoveFormProps = { readonly spaceId: SpaceId; readonly member: TeamMember; readonly onClose: () => void };

function RemoveForm({ spaceId, member, onClose }: RemoveFormProps) {
  const { t } = useTranslation();
  const engine = useEngine();
  const toast = useToast();
  const { run, isRunning, failure } = useAct();
  const remove = async () => {
    const { userId } = member;
    if (userId === undefined) return;
    if (!(await run(() => engine.remove(spaceId, userId)))) return;
    toast(t("team.removed", { name: member.name }));
    onClose();
  };
  const parts = { name: <PersonName name={member.name} /> };
  return (
    <Stack>
      <p className={classes.plain}>
        <Sentence say={(values) => t("team.removeLead", { name: "", ...values })} parts={parts} />
      </p>
      <p className={classes.soft}>
        <Sentence say={(values) => t("team.removeKeep", { name: "", ...values })} parts={parts} />
      </p>
      <FailureNote code={failure} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {t("app.cancel")}
        </Button>
        <Button color="red" loading={isRunning} onClick={() => void remove()}>
          {t("team.remove")}
        </Button>
      </Group>
    </Stack>
  );
}
