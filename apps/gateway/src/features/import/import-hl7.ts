import { type Bytes, bytesToUtf8, type ErrorCode, isErrorCode } from "@caseroom/contract";
import { readHl7, splitHl7 } from "@caseroom/hl7v2";
import { receiveHl7 } from "../../adapters/mllp/receive-hl7.ts";

/** What became of the messages of a file. */
export type ImportedHl7 = {
  readonly fragments: readonly { readonly resourceType: string }[];
  readonly messages: number;
  /** How many the trailers of a batch say that there are. */
  readonly announced: number | undefined;
  /** Messages that were not taken and are kept for a person to look at. */
  readonly asideBy: readonly { readonly code: ErrorCode; readonly place: string }[];
  /** Number of a message's patient; `undefined` when they have several. */
  readonly patient: { readonly system: string; readonly value: string } | undefined;
};

type Deps = Parameters<typeof receiveHl7>[0];

/** Takes each message of a file the way of those that come over MLLP. The same file again changes nothing. */
export async function importHl7(deps: Deps, bytes: Bytes): Promise<ImportedHl7> {
  const { messages, announced } = splitHl7(bytes);
  const fragments: { readonly resourceType: string }[] = [];
  const asideBy: { readonly code: ErrorCode; readonly place: string }[] = [];
  const patients = new Map<string, { readonly system: string; readonly value: string }>();
  for (const message of messages) {
    const refusal = refusalOf(await receiveHl7(deps, message));
    const reading = readHl7(message, deps.profiles);
    if (refusal !== undefined || !reading.ok) {
      asideBy.push(refusal ?? { code: "INTERNAL", place: "" });
      continue;
    }
    fragments.push(...reading.value.fragments);
    const [number] = reading.value.patient.identifiers;
    const sender = `${reading.value.sendingApplication}|${reading.value.sendingFacility}`;
    if (number !== undefined)
      patients.set(JSON.stringify([number.authority ?? sender, number.value]), {
        system: number.authority ?? sender,
        value: number.value,
      });
  }
  const [patient] = patients.values();
  return {
    fragments,
    messages: messages.length,
    announced,
    asideBy,
    patient: patients.size === 1 ? patient : undefined,
  };
}

/** What an acknowledgement says: nothing when it is AA, else the code and place of its ERR (HL7 v2.5.1 §2.15.5). */
function refusalOf(reply: Bytes): { readonly code: ErrorCode; readonly place: string } | undefined {
  const text = bytesToUtf8(reply) ?? "";
  const separator = text.charAt(3);
  const fields = (name: string) =>
    text
      .split("\r")
      .find((line) => line.startsWith(`${name}${separator}`))
      ?.split(separator);
  if (fields("MSA")?.[1] === "AA") return undefined;
  const words = fields("ERR")?.[8] ?? "";
  const code = /\(([A-Z_]+)\)$/.exec(words)?.[1] ?? "";
  const place = / ([A-Z0-9]{3}-\d{1,3}) \([A-Z_]+\)$/.exec(words)?.[1] ?? "";
  return { code: isErrorCode(code) ? code : "SOURCE_UNREADABLE", place };
}
