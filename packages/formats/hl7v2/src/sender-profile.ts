import { isFhirObject, objectsOf, textOf } from "@caseroom/clinical";
import { err, type Failure, failure, ok, type Result } from "@caseroom/contract";
import { isKnownCharset } from "./hl7-text.ts";
import { isZone } from "./hl7-time.ts";

/** A code of a system that others know as well. */
export type KnownCode = { readonly system: string; readonly code: string; readonly display: string | undefined };

/** A code that only one sender uses, and what it means. `table` is the third component of the field; any when absent. */
export type LocalCode = { readonly code: string; readonly table?: string; readonly to: KnownCode };

/** A field of a Z-segment that is a result: a number with its unit, else words. */
export type ZField = {
  readonly segment: string;
  readonly field: number;
  readonly component: number;
  readonly code: KnownCode;
  readonly unit?: string;
};

/** What is particular about one sender. Each message is read with the first profile that names its MSH-3 and MSH-4. */
export type SenderProfile = {
  /** Any when absent. */
  readonly application?: string;
  readonly facility?: string;
  /** HL7 table 0211: for messages that say nothing in MSH-18. */
  readonly charset?: string;
  /** Of times without a zone: an IANA name or an offset. */
  readonly zone?: string;
  readonly codes: readonly LocalCode[];
  readonly zFields: readonly ZField[];
};

const MAX_PROFILES = 1_000;
const MAX_CODES = 20_000;

/**
 * Profiles as an institution writes them down, in JSON: `[{"application","facility","charset","zone","codes":[{"code","table","to":{"system",
 * "code","display"}}],"zSegments":[{"segment","field","component","code","unit"}]}]`. BAD_REQUEST with the place of what is wrong.
 */
export function parseProfiles(json: unknown): Result<readonly SenderProfile[], Failure<"BAD_REQUEST">> {
  if (!Array.isArray(json) || json.length > MAX_PROFILES) return wrong("profiles are a list of at most 1000");
  const profiles: SenderProfile[] = [];
  for (const [at, value] of json.entries()) {
    const profile = parseProfile(value);
    if (typeof profile === "string") return wrong(`profile ${at + 1}: ${profile}`);
    profiles.push(profile);
  }
  return ok(profiles);
}

/** The first profile for a sender. */
export function profileFor(
  profiles: readonly SenderProfile[],
  sender: { readonly application: string; readonly facility: string },
): SenderProfile | undefined {
  return profiles.find(
    ({ application, facility }) =>
      (application === undefined || application === sender.application) &&
      (facility === undefined || facility === sender.facility),
  );
}

/** Words instead of a profile say what is wrong. */
function parseProfile(value: unknown): SenderProfile | string {
  if (!isFhirObject(value)) return "not an object";
  const [application, facility, charset, zone] = [value.application, value.facility, value.charset, value.zone].map(
    textOf,
  );
  if (charset !== undefined && !isKnownCharset(charset)) return "charset is none of HL7 table 0211 that is read";
  if (zone !== undefined && !isZone(zone)) return "zone is neither an offset nor a name of the time zone database";
  const codes = objectsOf(value.codes).map(parseLocalCode);
  const zFields = objectsOf(value.zSegments).map(parseZField);
  if (codes.length > MAX_CODES || codes.includes(undefined)) return "codes have code, and to with system and code";
  if (zFields.includes(undefined)) return "zSegments have segment (Z…), field and code with system and code";
  return {
    ...(application === undefined ? {} : { application }),
    ...(facility === undefined ? {} : { facility }),
    ...(charset === undefined ? {} : { charset }),
    ...(zone === undefined ? {} : { zone }),
    codes: codes.filter((one) => one !== undefined),
    zFields: zFields.filter((one) => one !== undefined),
  };
}

function parseLocalCode(value: { readonly [name: string]: unknown }): LocalCode | undefined {
  const code = textOf(value.code);
  const table = textOf(value.table);
  const to = parseKnownCode(value.to);
  return code === undefined || to === undefined ? undefined : { code, to, ...(table === undefined ? {} : { table }) };
}

function parseZField(value: { readonly [name: string]: unknown }): ZField | undefined {
  const segment = textOf(value.segment) ?? "";
  const field = positionOf(value.field);
  const component = value.component === undefined ? 1 : positionOf(value.component);
  const code = parseKnownCode(value.code);
  const unit = textOf(value.unit);
  if (!/^Z[A-Z0-9]{2}$/.test(segment) || field === undefined || component === undefined || code === undefined)
    return undefined;
  return { segment, field, component, code, ...(unit === undefined ? {} : { unit }) };
}

function parseKnownCode(value: unknown): KnownCode | undefined {
  if (!isFhirObject(value)) return undefined;
  const [system, code, display] = [value.system, value.code, value.display].map(textOf);
  return system === undefined || code === undefined ? undefined : { system, code, display };
}

function positionOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value < 1000 ? value : undefined;
}

function wrong(words: string): Result<never, Failure<"BAD_REQUEST">> {
  return err(failure("BAD_REQUEST", words));
}
