import { type Bytes, type CompId, expectOk, systemRandom, type UserId } from "@caseroom/contract";
import type { SigningKey } from "@caseroom/crypto/sign";
import { buildCommit } from "@caseroom/space/secret";
import type { FeedLine, TestPerson } from "@caseroom/testkit";
import { mustHave } from "./founded-case.ts";

/** Somebody whom an institution vouches for and nobody in the case has let in: another institution's machine. */
export function outsider(...members: readonly TestPerson[]): UserId {
  const directory = mustHave(members[0]).client.directory;
  const foreign = [...directory.orgs()].find((org) => !members.some((one) => org.credentials.has(one.client.userId)));
  return mustHave([...(foreign?.gateways.keys() ?? [])][0]);
}

/** A perfect commit that lets somebody in, but for who signed it: even the secret that it hands out is the right one. */
export async function ghostCommit(
  member: TestPerson,
  compId: CompId,
  by: { readonly signing: SigningKey; readonly ghost: UserId },
): Promise<Bytes> {
  const { client } = member;
  const compartment = mustHave(client.compartment(compId));
  const draft = await buildCommit(
    {
      consortiumId: mustHave(client.directory.consortium()?.id),
      view: client.directory,
      comp: mustHave(compartment.state()),
      keyring: await compartment.ensureKeyring(),
      signing: by.signing,
      cp: client.checkpoint(),
      nowMs: Date.now(),
      random: systemRandom,
    },
    { add: [{ userId: by.ghost, role: "reader" }] },
  );
  return mustHave(expectOk(draft, "a forged commit").links[0]?.bytes);
}

/** A link with a place in the log after all others of this feed. */
export function placedNext(items: readonly FeedLine[], link: Bytes): FeedLine {
  const newest = items.findLast((one) => one.logIndex !== undefined);
  return { kind: "link", bytes: link, logIndex: (newest?.logIndex ?? 0) + 1, ts: Date.now() };
}
