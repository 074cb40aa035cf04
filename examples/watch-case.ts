/** Says what is said in the cases of a person, and what is deposited about their patients, until Ctrl+C. */
import { type ClientEvent, connect, parseChat, parseFhirBody } from "@caseroom/client";
import { expectOk } from "@caseroom/contract";
import { demoPerson } from "./demo-person.ts";

const { client, nameOf, cases, close } = expectOk(await connect(await demoPerson()), "connecting");

client.subscribe((event: ClientEvent) => {
  if (event.type === "alarm") console.log(`ALARM ${event.alarm.code}: ${event.alarm.detail}`);
  if (event.type !== "entries") return;
  for (const { entry, spaceId } of event.entries) {
    const author = nameOf(entry.author);
    const about = cases.list().find((one) => one.spaceId === spaceId || one.charts.has(spaceId));
    const said = entry.kind === "chat" ? parseChat(entry.body)?.text : undefined;
    const deposited = entry.kind === "fhir" ? `${parseFhirBody(entry.body)?.length} FHIR resources` : entry.kind;
    console.log(`${about?.name ?? "no case"}: ${author.name} (${author.institution}): ${said ?? deposited}`);
  }
});
for (const { name, room } of cases.list()) console.log(`watching ${name}, ${room.nextN()} entries so far`);

process.once("SIGINT", () => void close());
