/** Checks that the hub has one history only, and that everything this person can read stands in it. Ends with 1 when something does not hold. */
import { connect } from "@caseroom/client";
import { bytesToHex, expectOk } from "@caseroom/contract";
import { demoPerson } from "./demo-person.ts";

const { client, close } = expectOk(await connect(await demoPerson()), "connecting");

// Everything up to here was checked on the way; what was accepted last may still wait for its line of the log.
const compartments = client.spaces().flatMap((space) => space.comps);
const isCovered = () => compartments.every((one) => one.coveredN() >= one.nextN());
for (let i = 0; i < 30 && !isCovered(); i++) {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expectOk(await client.sync(), "asking the log");
}
const { size, root } = client.checkpoint();
console.log(`log of ${size} lines, root ${bytesToHex(root)}`);
for (const { compId, coveredN, nextN } of compartments)
  console.log(`${compId.slice(0, 8)}: ${coveredN()} of ${nextN()} entries and links proven`);
for (const { code, detail } of client.alarms()) console.log(`ALARM ${code}: ${detail}`);

process.exitCode = isCovered() && client.alarms().length === 0 ? 0 : 1;
await close();
