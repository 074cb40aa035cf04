import type { Failure, FindingKind, QuarantineDetail, QuarantineFinding, QuarantineItem } from "@caseroom/contract";

const WHY: Readonly<Record<FindingKind, string>> = {
  "birth-date": "another birth date than on record",
  sex: "another sex than on record",
  "other-person": "it contradicts the record of the patient",
  "two-patients": "its numbers belong to two patients",
  "no-identifier": "no number of an issuer says who the patient is",
  "missing-field": "something that is required is missing",
  unreadable: "it cannot be read",
  unsupported: "of a kind that is not taken",
  "too-large": "beyond the limits of size",
  "same-number": "other content under the same number was taken before",
  "wrong-instance": "another image than its sender announced",
  "pack-refused": "the hub refused these images",
  none: "nothing contradicts the record any more: it can be replayed",
};

/** A line of the list. */
export function itemLine(item: QuarantineItem): string {
  const { id, receivedMs, source, sender, why, place, version, state } = item;
  const where = place === "" ? "" : ` at ${place}`;
  const repaired = version > 1 ? `, version ${version}` : "";
  const done = state === "waiting" ? "" : ` [${state}]`;
  return `${id.padStart(6)}  ${new Date(receivedMs).toISOString()}  ${source.padEnd(6)}  ${sender.padEnd(20)}  ${WHY[why]}${where}${repaired}${done}`;
}

/** Everything about one of them: why, the text with the faulty places underlined, who did what. */
export function detailLines(detail: QuarantineDetail): readonly string[] {
  const { item, version, findings, fields, text, known, versions, acts } = detail;
  return [
    `${item.id}  ${item.source} from ${item.sender === "" ? "an unknown sender" : item.sender}, received ${new Date(item.receivedMs).toISOString()}, ${item.state}`,
    ...findings.map(
      ({ kind, place, said, known: recorded }) =>
        `  ${place === "" ? "" : `${place}: `}${WHY[kind]}${said === null ? "" : ` (it says ${said}, the record ${recorded ?? "nothing"})`}`,
    ),
    ...known.map(
      ({ name, birthDate, sex, identifiers }) =>
        `  on record: ${name}, born ${birthDate ?? "unknown"}, ${sex ?? "sex unknown"}, ${identifiers.map((one) => `${one.system} ${one.masked}`).join(", ")}`,
    ),
    "",
    `version ${version} of ${Math.max(1, versions.length)}`,
    ...(text === null ? [] : markedLines(text, findings)),
    ...fields.map(({ place, name, value }) => `  ${place} ${name.padEnd(18)} ${value}`),
    ...(acts.length === 0 ? [] : [""]),
    ...acts.map(
      ({ atMs, act, by, version: of, code, note }) =>
        `  ${new Date(atMs).toISOString()}  ${act}${of === null ? "" : ` version ${of}`} by ${by}${code === null ? "" : ` (${code})`}${note === null ? "" : `: ${note}`}`,
    ),
  ];
}

function markedLines(text: string, findings: readonly QuarantineFinding[]): readonly string[] {
  let from = 0;
  return text.split("\n").flatMap((line) => {
    const start = from;
    const end = start + line.length;
    from = end + 1;
    const marks = findings.flatMap(({ mark }) => (mark !== null && mark.from >= start && mark.to <= end ? [mark] : []));
    const under = marks.map(
      (mark) => `${" ".repeat(mark.from - start)}${"^".repeat(Math.max(1, mark.to - mark.from))}`,
    );
    return [`  ${printable(line)}`, ...under.map((one) => `  ${one}`)];
  });
}

/** What somebody sent in may not steer the terminal. */
function printable(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, "\uFFFD");
}

/** Why something could not be done, as a sentence. */
export function whyNot({ code }: Failure): string {
  return Reflect.get(WHY_NOT, code) ?? `the gateway refused (${code})`;
}

const WHY_NOT: Readonly<Record<string, string>> = {
  NOT_FOUND: "there is no such item or version",
  STALE_VIEW: "somebody has repaired it or dealt with it in the meantime: show it again",
  PATIENT_MISMATCH: "not taken: it still contradicts the record of the patient; see show",
  SOURCE_INCOMPLETE: "not taken: something that is required is missing; see show",
  SOURCE_UNREADABLE: "not taken: it cannot be read",
  SOURCE_UNSUPPORTED: "not taken: it is of a kind that is not taken; see show",
  DUPLICATE: "not taken: other content under the same number was taken in before",
  TOO_LARGE: "not taken: it is too large",
  SESSION_REQUIRED: "the gateway does not know this token",
  OFFLINE: "the gateway cannot be reached",
};
