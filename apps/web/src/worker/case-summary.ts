import type { CaseFile, CasePatient, NameBook } from "@caseroom/client";
import { maskIdentifier, parseCard, type ResultCard } from "@caseroom/clinical";
import type { SpaceId, UserId } from "@caseroom/contract";
import type { CompState } from "@caseroom/space/verify";
import type { CaseSummary, PatientLabel } from "../engine/engine.ts";
import type { Position } from "./delivery.ts";
import type { OnItsWay } from "./sent-messages.ts";

export type SummaryInput = {
  readonly spaceId: SpaceId;
  readonly me: UserId;
  readonly file: CaseFile;
  /** The room as its chain has it; `undefined` while that is not known. */
  readonly comp: CompState | undefined;
  readonly isRemoved: boolean;
  readonly positions: ReadonlyMap<UserId, Position>;
  readonly onItsWay: readonly OnItsWay[];
  readonly names: NameBook;
};

/** The line of a case in the list of cases. */
export function summarise(input: SummaryInput): CaseSummary {
  const { spaceId, me, file, comp, names, positions } = input;
  const read = positions.get(me)?.read ?? 0;
  const messages = file.said.flatMap(({ n, author, atMs, content }) =>
    content.type === "message" ? [{ n, author, atMs, content }] : [],
  );
  const own = input.onItsWay.at(-1);
  const newest = messages.at(-1);
  const last =
    own !== undefined
      ? { author: names(me).name, text: gist(own), atMs: own.atMs }
      : newest && {
          author: names(newest.author).name,
          text: gist({ text: newest.content.text, card: parseCard(newest.content.card) }),
          atMs: newest.atMs,
        };
  return {
    spaceId,
    name: file.name,
    patient: toPatientLabel(file.patient),
    unread: input.isRemoved ? 0 : messages.filter(({ n, author }) => author !== me && n >= read).length,
    last,
    members: countPeople(comp, names),
    removed: input.isRemoved,
  };
}

export function countPeople(comp: CompState | undefined, names: NameBook): number {
  return [...(comp?.members.keys() ?? [])].filter((userId) => !names(userId).isGateway).length;
}

/** The patient of a case as every screen names them: numbers are masked. */
export function toPatientLabel(patient: CasePatient | undefined): PatientLabel | undefined {
  if (patient === undefined) return undefined;
  // The number that every institution knows, where there is one.
  const known = patient.identifiers.find(({ system }) => system === "HKID") ?? patient.identifiers[0];
  const identifier = known === undefined ? undefined : maskIdentifier(known.value);
  return { name: patient.name, birthDate: patient.birthDate, sex: patient.sex, identifier };
}

function gist({ text, card }: { readonly text: string; readonly card: ResultCard | undefined }): string {
  if (text !== "" || card === undefined) return text;
  return [card.name, card.text, card.unit].filter((part) => part !== undefined).join(" ");
}
