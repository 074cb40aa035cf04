import { readFileSync } from "node:fs";
import { parseJson } from "@caseroom/contract";
import { parseProfiles, type SenderProfile } from "@caseroom/hl7v2";

/**
 * What an institution has written down about its senders (docs/senders.md). A gateway does not start with a file that is wrong: results under
 * codes and times that nobody meant are worse than none.
 */
export function loadProfiles(file: string | undefined): readonly SenderProfile[] {
  if (file === undefined) return [];
  const json = parseJson(readFileSync(file, "utf8"));
  const profiles = json.ok ? parseProfiles(json.value) : json;
  if (!profiles.ok) throw new RangeError(`CASEROOM_GATEWAY_SENDERS: ${profiles.error.detail ?? "no JSON"}`);
  return profiles.value;
}
