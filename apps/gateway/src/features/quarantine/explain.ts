import { readCcda } from "@caseroom/ccda";
import { isFhirResource, maskIdentifier } from "@caseroom/clinical";
import {
  type Bytes,
  bytesToUtf8,
  type ErrorCode,
  MAX_QUARANTINE_TEXT,
  type QuarantineDetail,
  type QuarantineFinding,
} from "@caseroom/contract";
import { readDicom } from "@caseroom/dicom";
import { readFhir } from "@caseroom/fhir";
import { findInText, type Hl7Problem, readHl7, toEditableText } from "@caseroom/hl7v2";
import type postgres from "postgres";
import { claimOf } from "../fhir/patient-claim.ts";
import { claimOfInstance } from "../imaging/instance-claim.ts";
import { claimOfDocument } from "../import/import-ccda.ts";
import { claimOfMessage } from "../patients/hl7-claim.ts";
import type { PatientClaim } from "../patients/patient-index.ts";
import { compareWithRecord, type KnownPatient } from "../patients/record-comparison.ts";
import { type ClaimForm, findingKindOf, placeOf } from "./fault-place.ts";
import { headerFields } from "./header-fields.ts";
import type { KeptItem } from "./quarantine-store.ts";
import { namedPatient } from "./replay-doors.ts";

export type Explanation = Pick<QuarantineDetail, "findings" | "said" | "known" | "text" | "fields">;

type Finding = Pick<QuarantineFinding, "kind" | "place"> & Partial<QuarantineFinding>;

/** What no look at the bytes shows, but only the try. */
const FOUND_BY_TRYING: readonly ErrorCode[] = ["DUPLICATE", "CONTEXT_MISMATCH", "TOO_LARGE"];

/**
 * Why a version is not taken, as judged now against the records as they are now, and what is in it. `isTried`: this version is the one that
 * was refused at last.
 */
export async function explain(
  deps: { readonly sql: postgres.Sql; readonly defaultIssuer: string | undefined },
  item: KeptItem,
  version: { readonly bytes: Bytes | undefined; readonly isTried: boolean },
): Promise<Explanation> {
  const { bytes, isTried } = version;
  if (bytes === undefined) return explanation({ findings: [{ kind: "pack-refused", place: "" }] });
  const read = await explainBytes(deps, item, bytes);
  const isFine = read.findings.every(({ kind }) => kind === "none");
  if (!isFine || !isTried || !FOUND_BY_TRYING.includes(item.code)) return read;
  return explanation({ ...read, findings: [{ kind: item.why, place: item.place }] });
}

async function explainBytes(
  deps: { readonly sql: postgres.Sql; readonly defaultIssuer: string | undefined },
  item: KeptItem,
  bytes: Bytes,
): Promise<Explanation> {
  if (item.mediaType === "application/dicom") return explainDicom(deps, item, bytes);
  if (item.mediaType === "application/xml") return explainCcda(deps.sql, item, bytes);
  return item.mediaType.startsWith("x-application/hl7-v2")
    ? explainHl7(deps.sql, bytes)
    : explainFhir(deps.sql, item, bytes);
}

async function explainHl7(sql: postgres.Sql, bytes: Bytes): Promise<Explanation> {
  const text = shownText(toEditableText(bytes));
  const reading = readHl7(bytes);
  const base = reading.ok
    ? await compareClaim(sql, "hl7v2", claimOfMessage(reading.value))
    : { findings: [problemFinding(reading.error)] };
  const findings = base.findings.map((one) => {
    const [segment = "", field] = one.place.split("-");
    const mark =
      text === null || segment === ""
        ? undefined
        : findInText(text, segment, field === undefined ? undefined : Number(field));
    return { ...one, mark: mark ?? null };
  });
  return explanation({ ...base, findings, text });
}

function problemFinding({ code, segment, field }: Hl7Problem): Finding {
  const place = segment === undefined ? "" : field === undefined ? segment : `${segment}-${field}`;
  return { kind: findingKindOf(code, place), place };
}

async function explainDicom(
  { sql, defaultIssuer }: Parameters<typeof explain>[0],
  item: KeptItem,
  bytes: Bytes,
): Promise<Explanation> {
  const read = readDicom(bytes);
  if (!read.ok) return explanation({ findings: [{ kind: findingKindOf(read.error.code, ""), place: "" }] });
  const compared = await compareClaim(sql, "dicom", claimOfInstance(read.value, defaultIssuer ?? item.sender));
  return explanation({ ...compared, fields: headerFields(read.value) });
}

async function explainCcda(sql: postgres.Sql, item: KeptItem, bytes: Bytes): Promise<Explanation> {
  const text = shownText(bytesToUtf8(bytes));
  const reading = readCcda(bytes);
  if (!reading.ok) return explanation({ findings: [{ kind: findingKindOf(reading.error.code, ""), place: "" }], text });
  const claim = claimOfDocument(reading.value, namedPatient(item.request));
  if (!claim.ok)
    return explanation({ findings: [{ kind: "no-identifier", place: placeOf("ccda", "no-identifier") }], text });
  return explanation({ ...(await compareClaim(sql, "ccda", claim.value)), text });
}

async function explainFhir(sql: postgres.Sql, item: KeptItem, bytes: Bytes): Promise<Explanation> {
  const whole = bytesToUtf8(bytes);
  const text = shownText(whole);
  const read = whole === undefined ? undefined : readFhir(whole);
  if (read?.ok !== true)
    return explanation({
      findings: [{ kind: findingKindOf(read?.error.code ?? "SOURCE_UNREADABLE", ""), place: "" }],
      text,
    });
  const claims = read.value.flatMap(({ resourceType, json }) => {
    const resource: unknown = resourceType === "Patient" ? JSON.parse(json) : undefined;
    return isFhirResource(resource) ? (claimOf(resource) ?? []) : [];
  });
  const compared = await Promise.all(claims.map((claim) => compareClaim(sql, "fhir", claim)));
  const odd = compared.find(({ findings }) => findings.some(({ kind }) => kind !== "none")) ?? compared[0];
  const incomplete: Finding = { kind: "no-identifier", place: item.place };
  return explanation({ ...(odd ?? { findings: [incomplete] }), text });
}

async function compareClaim(sql: postgres.Sql, form: ClaimForm, claim: PatientClaim) {
  const { known, differences } = await compareWithRecord(sql, claim);
  const findings: readonly Finding[] = differences.map((one) => ({ ...one, place: placeOf(form, one.kind) }));
  const said = { ...claim, birthDate: claim.birthDate ?? null, sex: claim.sex ?? null };
  const none: Finding = { kind: "none", place: "" };
  return {
    findings: findings.length === 0 ? [none] : findings,
    said: shown(said),
    known: known.map(shown),
  };
}

function shown({ name, birthDate, sex, identifiers }: KnownPatient) {
  const masked = identifiers.map(({ system, value }) => ({ system, masked: maskIdentifier(value) }));
  return { name, birthDate, sex, identifiers: masked };
}

function explanation(part: {
  readonly findings: readonly Finding[];
  readonly said?: Explanation["said"];
  readonly known?: Explanation["known"];
  readonly text?: string | null;
  readonly fields?: Explanation["fields"];
}): Explanation {
  const { said = null, known = [], text = null, fields = [] } = part;
  const findings = part.findings.map((one) => ({ said: null, known: null, mark: null, ...one }));
  return { findings, said, known, text, fields };
}

function shownText(text: string | undefined): string | null {
  return text === undefined || text.length > MAX_QUARANTINE_TEXT ? null : text;
}
