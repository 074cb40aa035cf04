/** Posts the newest HbA1c into the room of a case, as a card from which the app opens the live trend. */
import { connect, encodeChat, parseFhirBody } from "@caseroom/client";
import { createAssembler, encodeCard, parseFragment } from "@caseroom/clinical";
import { expectOk } from "@caseroom/contract";
import { demoPerson } from "./demo-person.ts";

const { client, cases, nameOf, close } = expectOk(await connect(await demoPerson()), "connecting");
const about = expectOk(await cases.find(({ spaceId }) => cases.deposits(spaceId).length > 0), "a case with a record");

const assembler = createAssembler();
for (const { entry } of cases.deposits(about.spaceId)) {
  const { orgId = "", institution } = nameOf(entry.author);
  const provenance = { institutionId: orgId, institution, system: entry.provenance?.system ?? "", receivedMs: entry.t };
  for (const [i, json] of (parseFhirBody(entry.body) ?? []).entries()) {
    const fragment = parseFragment({ id: `${entry.entryId}:${i}`, json, provenance });
    if (fragment.ok) assembler.add([fragment.value]);
  }
}
const series = assembler.picture().series.find(({ key }) => key === "hba1c");
const newest = series?.points.at(-1);
if (series === undefined || newest === undefined) throw new Error("nobody has measured it");

const card = encodeCard({
  key: series.key,
  name: series.name,
  text: newest.text,
  unit: newest.unit,
  atMs: newest.atMs,
  flag: newest.flag,
  trend: series.points.slice(-12).map(({ atMs, value }) => ({ atMs, value })),
  source: newest.sources[0]?.institution ?? "",
});
const body = encodeChat({ text: "Newest HbA1c", ...(card === undefined ? {} : { card }) });
const { accepted } = await client.outbox.append(about.room.compId, { kind: "chat", body });
const { n } = expectOk(await accepted, "posting");
console.log(`posted ${newest.text} ${newest.unit} as entry ${n} of ${about.name}`);
await close();
