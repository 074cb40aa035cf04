import type { Client } from "@caseroom/client";
import { parseRequest, type ReceivedEntry } from "@caseroom/client";
import { TIERS } from "@caseroom/contract";
import type { CaseStore } from "./case-store.ts";

/** Keeps what a `request` entry of a case says. Who may say what is checked here; what follows from it is the policy's business. */
export async function keepRequest(
  deps: { readonly client: Client; readonly store: CaseStore },
  received: ReceivedEntry,
): Promise<boolean> {
  const { entry, spaceId, tier } = received;
  const request = entry.kind === "request" && tier === TIERS.room ? parseRequest(entry.body) : undefined;
  if (request === undefined) return false;
  switch (request.type) {
    case "case-info":
      await deps.store.keepCase({ spaceId, name: request.name, patient: request.patient });
      return true;
    case "invite":
      await deps.store.keepInvite(request, { entryId: entry.entryId, spaceId, author: entry.author, atMs: entry.t });
      return true;
    case "accept":
    case "decline": {
      const invite = await deps.store.invite(request.of);
      // Only the invited person's own institution answers for them.
      const org = invite === undefined ? undefined : deps.client.directory.org(invite.orgId);
      if (invite?.spaceId !== spaceId || org?.gateways.has(entry.author) !== true) return false;
      await deps.store.answer(request.of, request.type === "accept" ? "accepted" : "declined");
      return true;
    }
  }
}
