import { bytesToId32, type EntryId, idToBytes, type OrgId, type UserId } from "@caseroom/contract";
import { asArray, asArrayOf, asBytes, asText, type CborMap, type CborValue, isCborMap } from "@caseroom/crypto/verify";

/**
 * What members of a case ask of each other's gateways, as sealed `request` entries of its room (phase-1 §1): the hub learns neither who is
 * invited nor which patient it is about.
 */
export type RequestEntry =
  /** What the case is called and whom it is about. The newest one counts. */
  | { readonly type: "case-info"; readonly name: string; readonly patient: CasePatient }
  /** Somebody of an institution is asked to join; `accept: false` joins them as soon as they have a device. */
  | {
      readonly type: "invite";
      readonly orgId: OrgId;
      readonly staffId: string;
      readonly name: string;
      readonly role: string;
      readonly accept: boolean;
    }
  /** The invited person's own gateway says that they accepted, and who they are. */
  | { readonly type: "accept"; readonly of: EntryId; readonly userId: UserId }
  | { readonly type: "decline"; readonly of: EntryId };

/** Whom a case is about. Each institution finds its own chart by the identifiers. */
export type CasePatient = {
  readonly name: string;
  readonly birthDate: string | undefined;
  readonly sex: string | undefined;
  readonly identifiers: readonly { readonly system: string; readonly value: string }[];
};

export function encodeRequest(request: RequestEntry): CborMap {
  const map = new Map<string, CborValue>([["t", request.type]]);
  switch (request.type) {
    case "case-info":
      return map.set("name", request.name).set("patient", encodePatient(request.patient));
    case "invite":
      return map
        .set("org", idToBytes(request.orgId))
        .set("staff", request.staffId)
        .set("name", request.name)
        .set("role", request.role)
        .set("accept", request.accept);
    case "accept":
      return map.set("of", idToBytes(request.of)).set("user", idToBytes(request.userId));
    case "decline":
      return map.set("of", idToBytes(request.of));
  }
}

/** Types the body of a `request` entry; `undefined` for one of a newer kind. */
export function parseRequest(value: CborValue): RequestEntry | undefined {
  if (!isCborMap(value)) return undefined;
  switch (value.get("t")) {
    case "case-info":
      return readCaseInfo(value);
    case "invite":
      return readInvite(value);
    case "accept": {
      const of = readId<EntryId>(value.get("of"));
      const userId = readId<UserId>(value.get("user"));
      return of === undefined || userId === undefined ? undefined : { type: "accept", of, userId };
    }
    case "decline": {
      const of = readId<EntryId>(value.get("of"));
      return of === undefined ? undefined : { type: "decline", of };
    }
    default:
      return undefined;
  }
}

function readCaseInfo(map: CborMap): RequestEntry | undefined {
  const name = asText(map.get("name"), 200);
  const patient = map.get("patient");
  if (name === undefined || !isCborMap(patient)) return undefined;
  const patientName = asText(patient.get("name"), 200);
  const identifiers = asArrayOf(patient.get("ids"), (item) => {
    const pair = asArray(item);
    const system = asText(pair?.[0], 256);
    const value = asText(pair?.[1], 256);
    return system === undefined || value === undefined ? undefined : { system, value };
  });
  if (patientName === undefined || identifiers === undefined) return undefined;
  const birthDate = asText(patient.get("birth"), 32);
  const sex = asText(patient.get("sex"), 32);
  return { type: "case-info", name, patient: { name: patientName, birthDate, sex, identifiers } };
}

function readInvite(map: CborMap): RequestEntry | undefined {
  const orgId = readId<OrgId>(map.get("org"));
  const staffId = asText(map.get("staff"), 64);
  const name = asText(map.get("name"), 128);
  const role = asText(map.get("role"), 64);
  const accept = map.get("accept");
  if (orgId === undefined || staffId === undefined || name === undefined || role === undefined) return undefined;
  return typeof accept === "boolean" ? { type: "invite", orgId, staffId, name, role, accept } : undefined;
}

function encodePatient(patient: CasePatient): CborMap {
  const map = new Map<string, CborValue>([
    ["name", patient.name],
    ["ids", patient.identifiers.map(({ system, value }) => [system, value])],
  ]);
  if (patient.birthDate !== undefined) map.set("birth", patient.birthDate);
  if (patient.sex !== undefined) map.set("sex", patient.sex);
  return map;
}

function readId<Id extends OrgId | UserId | EntryId>(value: CborValue | undefined): Id | undefined {
  const bytes = asBytes(value, 32);
  return bytes === undefined ? undefined : bytesToId32<Id>(bytes);
}
