import type { StaffApi } from "@caseroom/client";
import { type EntryId, err, type Failure, failure, type Invitation, type Result } from "@caseroom/contract";

/** Invitations as the gateway has them. It cannot call the app, so the app asks again from time to time. */
export type InvitationWatch = {
  readonly latest: () => readonly Invitation[];
  readonly answer: (id: EntryId, answer: "accept" | "decline") => Promise<Result<undefined, Failure>>;
  readonly stop: () => void;
};

const EVERY_MS = 10_000;

export function createInvitationWatch(deps: {
  readonly staff: StaffApi;
  readonly onChange: () => void;
}): InvitationWatch {
  let latest: readonly Invitation[] = [];
  let isStopped = false;

  const keep = (invitations: readonly Invitation[]) => {
    const isSame = JSON.stringify(invitations) === JSON.stringify(latest);
    latest = invitations;
    if (!isSame) deps.onChange();
  };
  const refresh = async () => {
    const reply = await deps.staff.invitations();
    // While the gateway cannot be reached, the last that is known stands.
    if (reply.ok && !isStopped) keep(reply.value);
  };
  const timer = setInterval(() => void refresh().catch(reportError), EVERY_MS);
  refresh().catch(reportError);

  return {
    latest: () => latest,
    answer: async (id, answer) => {
      if (!latest.some((one) => one.id === id)) return err(failure("NOT_FOUND"));
      const answered = await deps.staff.answerInvitation(id, answer);
      if (answered.ok) keep(latest.filter((one) => one.id !== id));
      return answered;
    },
    stop: () => {
      isStopped = true;
      clearInterval(timer);
    },
  };
}
