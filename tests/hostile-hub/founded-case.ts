import { planCase } from "@caseroom/client";
import { type CompId, expectOk, InvariantError, type SpaceId, type UserId } from "@caseroom/contract";
import { chatText, type TestPerson } from "@caseroom/testkit";

/** A case that only these people and the founder's gateway are in, so that nothing else happens there. */
export type FoundedCase = { readonly spaceId: SpaceId; readonly room: CompId; readonly decision: CompId };

export async function foundCase(founder: TestPerson, members: readonly TestPerson[]): Promise<FoundedCase> {
  const { client } = founder;
  const plan = planCase(client.userId, ownGateway(founder), []);
  const created = expectOk(await client.commits.createSpace(plan), "a case");
  expectOk(await client.sync(), "sync");
  const [room, decision] = created.comps;
  if (room === undefined || decision === undefined) throw new InvariantError("a case has a room");
  const add = members.map((one) => ({ userId: one.client.userId, role: "writer" as const }));
  const changes = [room, decision].map(({ compId }) => ({ compId, change: { add } }));
  expectOk(await client.commits.change(changes), "adding the members");
  return { spaceId: created.spaceId, room: room.compId, decision: decision.compId };
}

/** Says something and waits until everybody else has it. */
export async function sayTo(
  speaker: TestPerson,
  compId: CompId,
  text: string,
  hearers: readonly TestPerson[],
): Promise<void> {
  await speaker.say(compId, text);
  for (const one of [speaker, ...hearers])
    await one.awaitEntry((entry) => entry.compId === compId && chatText(entry) === text);
}

function ownGateway(person: TestPerson): UserId {
  const org = [...person.client.directory.orgs()].find((one) => one.credentials.has(person.client.userId));
  const [gateway] = org?.gateways.keys() ?? [];
  if (gateway === undefined) throw new InvariantError("an institution has a gateway");
  return gateway;
}

export function mustHave<T>(value: T | undefined): T {
  if (value === undefined) throw new InvariantError("it is missing");
  return value;
}
