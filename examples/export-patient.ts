/** Writes the record of a case's patient as a FHIR bundle, each resource exactly as its institution deposited it. */
import { connect, parseFhirBody } from "@caseroom/client";
import { expectOk } from "@caseroom/contract";
import { demoPerson } from "./demo-person.ts";

const { cases, nameOf, close } = expectOk(await connect(await demoPerson()), "connecting");
const about = expectOk(await cases.find(({ spaceId }) => cases.deposits(spaceId).length > 0), "a case with a record");

const deposits = cases.deposits(about.spaceId);
// As text: a number that is parsed and written again would lose its decimals.
const entries = deposits.flatMap(({ entry }) =>
  (parseFhirBody(entry.body) ?? []).map((json) => `{"resource":${json}}`),
);
console.log(`{"resourceType":"Bundle","type":"collection","entry":[${entries.join(",\n")}]}`);

const institutions = new Set(deposits.map(({ entry }) => nameOf(entry.author).institution));
console.error(`${entries.length} resources of ${[...institutions].join(", ")}`);
await close();
