import { type ChartLink, ok, type QuarantineDetail, type QuarantineItem, type SpaceId } from "@caseroom/contract";
import type { InstitutionDesk } from "./institution-desk.ts";
import { pretendId } from "./pretend-case-for-testing.ts";

const MESSAGE = [
  "MSH|^~\\&|LIS|KDC|CASEROOM|KDC|20261124093000+0800||ORU^R01^ORU_R01|LAB-20931|P|2.5.1|||AL|NE||UNICODE UTF-8",
  "PID|1||KD-778812^^^KDC^MR||Chan^Tai Man^^^^^L||19590731|M",
  "OBR|1|P-20931|L-20931|4548-4^Hemoglobin A1c/Hemoglobin.total in Blood^LN|||20261124093000+0800",
  "OBX|1|NM|4548-4^Hemoglobin A1c/Hemoglobin.total in Blood^LN||7.35|%^percent^UCUM|4.0-5.6|H|||F|||20261124093000+0800",
].join("\n");
const AT = MESSAGE.indexOf("19590731");

/** An institution's tasks in memory: a message that can be repaired, an image, something unreadable, and two links. */
export function pretendDesk({
  hasNothing,
  nowMs,
  tell,
}: {
  readonly hasNothing: boolean;
  readonly nowMs: number;
  readonly tell: () => void;
}): InstitutionDesk {
  const soon = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, 30, value));
  let items: QuarantineItem[] = hasNothing ? [] : itemsOf(nowMs);
  let links: ChartLink[] = hasNothing ? [] : linksOf(nowMs);
  let text = MESSAGE;
  const close = (id: string, state: QuarantineItem["state"]) => {
    items = items.map((item) => (item.id === id ? { ...item, state } : item));
    tell();
    return soon(ok());
  };
  return {
    tasks: () =>
      soon({
        quarantined: items.filter(({ state }) => state === "waiting").length,
        suggestedLinks: links.filter(({ state }) => state === "suggested").length,
      }),
    quarantine: ({ state }) => {
      const page = items.filter((item) => item.state === state);
      return soon(ok({ items: page, next: null, waiting: page.length }));
    },
    quarantined: (id) => {
      const item = items.find((one) => one.id === id);
      return soon(item === undefined ? { ok: false, error: { code: "NOT_FOUND" } } : ok(detailOf(item, text, nowMs)));
    },
    quarantinedBytes: () => soon(ok(new Blob([MESSAGE]))),
    repairQuarantined: (id, base, content) => {
      if (typeof content === "string") text = content;
      items = items.map((item) => (item.id === id ? { ...item, version: base + 1 } : item));
      tell();
      return soon(ok({ version: base + 1 }));
    },
    replayQuarantined: (id) => {
      const isFit = id !== "41" || text.includes("|19570731|");
      return isFit ? close(id, "replayed") : soon({ ok: false, error: { code: "PATIENT_MISMATCH" } });
    },
    discardQuarantined: (id) => close(id, "discarded"),
    chartLinks: () => soon(ok(links)),
    answerChartLink: (answer) => {
      links = links.map((link) =>
        link.patientId === answer.patientId
          ? { ...link, state: answer.state, answered: { by: "Dr Cheung Wai Lam", atMs: Date.now() } }
          : link,
      );
      tell();
      return soon(ok());
    },
  };
}

function itemsOf(nowMs: number): QuarantineItem[] {
  const base = { state: "waiting" as const, version: 1 };
  return [
    {
      ...base,
      id: "41",
      receivedMs: nowMs - 14 * 60_000,
      source: "hl7v2",
      sender: "LIS|KDC",
      mediaType: "x-application/hl7-v2+er7",
      code: "PATIENT_MISMATCH",
      why: "birth-date",
      place: "PID-7",
      size: 412,
    },
    {
      ...base,
      id: "40",
      receivedMs: nowMs - 3 * 3_600_000,
      source: "dimse",
      sender: "CT_SIEMENS",
      mediaType: "application/dicom",
      code: "DUPLICATE",
      why: "same-number",
      place: "(0008,0018)",
      size: 526_336,
    },
    {
      ...base,
      id: "37",
      receivedMs: nowMs - 30 * 3_600_000,
      source: "hl7v2",
      sender: "",
      mediaType: "x-application/hl7-v2+er7",
      code: "SOURCE_UNREADABLE",
      why: "unreadable",
      place: "",
      size: 24,
    },
  ];
}

const RECORD = {
  name: "Chan Tai Man",
  birthDate: "1957-07-31",
  sex: "male",
  identifiers: [
    { system: "HKID", masked: "A12****(3)" },
    { system: "KDC", masked: "KD-****2" },
  ],
};

function detailOf(item: QuarantineItem, text: string, nowMs: number): QuarantineDetail {
  const versions = Array.from({ length: item.version }, (_, i) => ({
    version: i + 1,
    atMs: item.receivedMs + i * 60_000,
    by: i === 0 ? null : "Lau Mei Fong",
    size: item.size,
  }));
  const opened = { act: "opened" as const, atMs: nowMs, by: "Dr Cheung Wai Lam", version: item.version };
  const base = { item, version: item.version, versions, acts: [{ ...opened, code: null, note: null }], fields: [] };
  const none = { said: null, known: null, mark: null };
  if (item.source === "dimse") {
    return {
      ...base,
      findings: [{ ...none, kind: item.why, place: item.place }],
      said: { ...RECORD, identifiers: [{ system: "KDC", masked: "KD-****2" }] },
      known: [RECORD],
      text: null,
      fields: [
        { place: "(0010,0020)", name: "PatientID", value: "KD-778812" },
        { place: "(0010,0010)", name: "PatientName", value: "Tai Man Chan" },
        { place: "(0008,1030)", name: "StudyDescription", value: "CT HEAD" },
        { place: "(0008,0018)", name: "SOPInstanceUID", value: "1.2.826.0.1.3680043.8.498.4512" },
      ],
    };
  }
  if (item.why === "unreadable")
    return {
      ...base,
      findings: [{ ...none, kind: "unreadable", place: "" }],
      said: null,
      known: [],
      text: "not a message at all",
    };
  const isRepaired = text.includes("|19570731|");
  return {
    ...base,
    findings: isRepaired
      ? [{ ...none, kind: "none", place: "" }]
      : [
          {
            kind: "birth-date",
            place: "PID-7",
            said: "1959-07-31",
            known: "1957-07-31",
            mark: { from: AT, to: AT + 8 },
          },
        ],
    said: {
      name: "Chan Tai Man",
      birthDate: isRepaired ? "1957-07-31" : "1959-07-31",
      sex: "male",
      identifiers: [{ system: "KDC", masked: "KD-****2" }],
    },
    known: [RECORD],
    text,
  };
}

function linksOf(nowMs: number): ChartLink[] {
  const spaceId = pretendId<SpaceId>(0x77);
  const hkid = { system: "HKID", masked: "A12****(3)" };
  return [
    {
      spaceId,
      patientId: "7",
      caseName: "Chan Tai Man, cardiac surgery",
      state: "suggested",
      answered: null,
      inCase: { name: "Chan Tai Man", birthDate: "1957-07-31", sex: "male", identifiers: [hkid] },
      onRecord: {
        name: "Chan Dai Man",
        birthDate: "1957-07-13",
        sex: "male",
        identifiers: [hkid, { system: "CHC", masked: "CHC****2" }],
      },
      shared: ["HKID"],
    },
    {
      spaceId,
      patientId: "8",
      caseName: "Wong Siu Ling, chest pain",
      state: "confirmed",
      answered: { by: "Ho Siu Wan", atMs: nowMs - 86_400_000 },
      inCase: { name: "Wong Siu Ling", birthDate: "1970-02-03", sex: "female", identifiers: [hkid] },
      onRecord: { name: "Wong Siu Ling", birthDate: "1970-02-03", sex: "female", identifiers: [hkid] },
      shared: ["HKID"],
    },
  ];
}
