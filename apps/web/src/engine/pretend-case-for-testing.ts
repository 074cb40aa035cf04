import {
  type CompId,
  type EntryId,
  expectOk,
  type OrgId,
  ok,
  type PatientChoice,
  parseId32,
  type SpaceId,
  type UserId,
} from "@caseroom/contract";
import type { CaseSummary, PatientLabel, PersonChoice, RoomItem, RoomView, TeamMember, TeamView } from "./engine.ts";
import { pretendImagingCard } from "./pretend-imaging-for-testing.ts";
import { DAY_MS } from "./pretend-picture-for-testing.ts";

type AnyId = SpaceId | UserId | EntryId | OrgId | CompId;

/** An id that is readable in a test: the number in hexadecimal. */
export function pretendId<Id extends AnyId>(number: number): Id {
  const id = parseId32<Id>(number.toString(16).padStart(64, "0"));
  return expectOk(id === undefined ? { ok: false, error: "no id" } : ok(id), "a pretended id");
}

export const ME = {
  userId: pretendId<UserId>(1),
  name: "Dr Cheung Wai Lam",
  role: "Cardiologist",
  institution: "Central Heart Clinic",
};
export const CASE = pretendId<SpaceId>(0xca5e);
const OLD_CASE = pretendId<SpaceId>(0x01d);
const MINUTE_MS = 60_000;

export const CHAN: PatientLabel = {
  name: "Chan Tai Man",
  birthDate: "1957-03-14",
  sex: "male",
  identifier: "A12****(3)",
};
const LEE: PatientLabel = { name: "Lee Siu Fong", birthDate: "1984-11-02", sex: "female", identifier: "K77****(1)" };

export function pretendCases(nowMs: number): CaseSummary[] {
  return [
    {
      spaceId: CASE,
      name: "Cardiac surgery",
      patient: CHAN,
      unread: 2,
      last: { author: "Dr Wong Ka Yan", text: "Potassium is being repeated now.", atMs: nowMs - 9 * MINUTE_MS },
      members: 4,
      removed: false,
    },
    {
      spaceId: OLD_CASE,
      name: "Postpartum cardiomyopathy, second opinion",
      patient: LEE,
      unread: 0,
      last: { author: "Dr Ho Man Kit", text: "Thank you, discharged today.", atMs: nowMs - 4 * DAY_MS },
      members: 3,
      removed: true,
    },
  ];
}

export const PEOPLE: readonly PersonChoice[] = [
  person(2, 10, "Harbour General Hospital", "Dr Wong Ka Yan", "Attending", "Cardiothoracic surgery"),
  person(3, 10, "Harbour General Hospital", "Dr Ho Man Kit", "Attending", "Anaesthesiology"),
  person(4, 10, "Harbour General Hospital", "Ms Lam Yuk Ying", "Nurse", "Cardiac surgery ward"),
  person(5, 11, "Kowloon Diagnostic Centre", "Dr Fatima Al-Sayed", "Pathologist", "Clinical chemistry"),
  person(6, 12, "Central Heart Clinic", "Dr Ng Pui Shan", "Cardiologist", "Heart failure"),
];

export const PATIENTS: readonly PatientChoice[] = [
  patient(0x70, "Chan Tai Man", "1957-03-14", "male", "A123456(3)", "A12****(3)"),
  patient(0x71, "Chan Tai Ming", "1962-08-30", "male", "C654321(0)", "C65****(0)"),
  patient(0x72, "Lee Siu Fong", "1984-11-02", "female", "K778812(1)", "K77****(1)"),
  patient(0x73, "Abdullah Hassan", "1949", null, "CHC-0057", "CHC****7"),
];

export function pretendRoom(nowMs: number): RoomView {
  const at = (daysAgo: number, minutes = 0) => nowMs - daysAgo * DAY_MS - minutes * MINUTE_MS;
  const wong = { userId: pretendId<UserId>(2), name: "Dr Wong Ka Yan", institution: "Harbour General Hospital" };
  const ho = { userId: pretendId<UserId>(3), name: "Dr Ho Man Kit", institution: "Harbour General Hospital" };
  const me = { userId: ME.userId, name: ME.name, institution: ME.institution };
  const message = (
    id: string,
    author: typeof wong,
    text: string,
    atMs: number,
    more: Partial<Extract<RoomItem, { type: "message" }>> = {},
  ): RoomItem => ({
    type: "message",
    id,
    author,
    mine: author === me,
    text,
    card: undefined,
    atMs,
    state: "read",
    deliveredTo: [],
    readBy: [],
    proof: "logged",
    ...more,
  });
  const card = pretendImagingCard();
  const items: RoomItem[] = [
    { type: "event", id: "e1", event: "created", who: ME.name, by: undefined, atMs: at(2, 90) },
    { type: "event", id: "e2", event: "invited", who: wong.name, by: ME.name, atMs: at(2, 89) },
    { type: "event", id: "e3", event: "joined", who: wong.name, by: undefined, atMs: at(2, 60) },
    {
      type: "event",
      id: "e4",
      event: "record-linked",
      who: "Harbour General Hospital",
      by: undefined,
      atMs: at(2, 59),
    },
    message(
      "m1",
      me,
      "Mr Chan has severe aortic stenosis, mean gradient 48 mmHg. Diabetes is reasonably controlled. Could you see him for AVR this month?",
      at(2, 40),
      { readBy: [wong.name, ho.name] },
    ),
    message("m2", me, "", at(2, 38), {
      readBy: [wong.name],
      deliveredTo: [ho.name],
      card: {
        key: "hba1c",
        name: "HbA1c",
        text: "7.1",
        unit: "%",
        atMs: at(121),
        flag: "high",
        trend: [8.4, 8, 7.7, 7.4, 7.5, 7.2, 7.1, 7.3, 7, 7.1].map((value, index) => ({
          atMs: at((10 - index) * 121),
          value,
        })),
        source: "Kowloon Diagnostic Centre",
      },
    }),
    message("m3", wong, "Seen. Angiography next Tuesday; please hold apixaban from Sunday evening.", at(1, 200)),
    message("m4", wong, "陳先生的太太已經知道了。", at(1, 199)),
    { type: "gap", id: "g1", code: "WITHHELD", author: ho.name, atMs: at(1, 120) },
    message("m5", me, "Apixaban paused, he has it in writing.", at(0, 95), {
      state: "delivered",
      deliveredTo: [wong.name, ho.name],
    }),
    message(
      "m6",
      ho,
      "Anaesthesia: creatinine 118 and potassium 6.3 on the last panel. Haemolysed sample or real?",
      at(0, 30),
    ),
    ...(card === undefined ? [] : [{ type: "imaging" as const, id: "i1", card, atMs: at(0, 20) }]),
    message("m7", wong, "Potassium is being repeated now.", at(0, 9), { proof: "provisional" }),
    message("m8", me, "Thank you. I stop lisinopril until it is back.", at(0, 4), {
      state: "stored",
      proof: "provisional",
    }),
    message("m9", me, "Call me at any time.", at(0, 1), { state: "queued", proof: "provisional" }),
  ];
  return { spaceId: CASE, name: "Cardiac surgery", patient: CHAN, items, canWrite: true, members: 4 };
}

export function pretendTeam(): TeamView {
  const member = (more: Partial<TeamMember> & Pick<TeamMember, "name" | "role" | "institution">): TeamMember => ({
    userId: undefined,
    isGateway: false,
    status: "member",
    opens: ["room", "decision", "emergency", "clinical"],
    canRemove: true,
    ...more,
  });
  const hgh = "Harbour General Hospital";
  return {
    spaceId: CASE,
    canInvite: true,
    members: [
      member({ userId: ME.userId, name: ME.name, role: ME.role, institution: ME.institution, canRemove: false }),
      member({ userId: pretendId(2), name: "Dr Wong Ka Yan", role: "Attending", institution: hgh }),
      member({
        userId: pretendId(3),
        name: "Dr Ho Man Kit",
        role: "Attending",
        institution: hgh,
        opens: ["room", "emergency"],
      }),
      member({
        userId: pretendId(4),
        name: "Ms Lam Yuk Ying",
        role: "Nurse",
        institution: hgh,
        status: "invited",
        opens: [],
      }),
      member({
        userId: pretendId(20),
        name: "Harbour General Hospital",
        role: "",
        institution: hgh,
        isGateway: true,
        opens: ["room"],
        canRemove: false,
      }),
      member({
        userId: pretendId(21),
        name: "Central Heart Clinic",
        role: "",
        institution: "",
        isGateway: true,
        opens: ["room"],
        canRemove: false,
      }),
    ],
  };
}

function person(
  user: number,
  org: number,
  institution: string,
  name: string,
  role: string,
  specialty: string,
): PersonChoice {
  return { orgId: pretendId(org), institution, staffId: `S${user}`, name, role, specialty, userId: pretendId(user) };
}

function patient(
  space: number,
  name: string,
  birthDate: string,
  sex: string | null,
  value: string,
  masked: string,
): PatientChoice {
  return { chartSpaceId: pretendId(space), name, birthDate, sex, identifiers: [{ system: "id", value, masked }] };
}
