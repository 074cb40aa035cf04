import { institutionName, type NameBook } from "@caseroom/client";
import { bytesToUtf8, err, type Failure, failure, type OrgId, ok, type Result, type SpaceId } from "@caseroom/contract";
import type { CaseSummary, RecordView, RoomView, SourceView, TeamView } from "../engine/engine.ts";
import { countRefused, gapsOf } from "./alarms.ts";
import { summarise } from "./case-summary.ts";
import { chartsOf, studiesOf } from "./imaging-reader.ts";
import { seedOf } from "./record-index.ts";
import { buildRoom } from "./room-view.ts";
import type { SignedIn } from "./signed-in.ts";
import { buildTeam } from "./team-view.ts";

/** What the screens show of the cases: plain values, built when they are asked for. */

export function readCases(signedIn: SignedIn): readonly CaseSummary[] {
  const names = signedIn.names();
  const activity = ({ last }: CaseSummary) => last?.atMs ?? 0;
  return signedIn
    .caseIds()
    .map((spaceId) => summarise(inputOf(signedIn, spaceId, names)))
    .sort((a, b) => activity(b) - activity(a));
}

export function readRoom(signedIn: SignedIn, spaceId: SpaceId): RoomView | undefined {
  if (!isCase(signedIn, spaceId)) return undefined;
  const input = inputOf(signedIn, spaceId, signedIn.names());
  const compId = input.comp?.id;
  return buildRoom({
    ...input,
    coveredN: compId === undefined ? 0 : (signedIn.client.compartment(compId)?.coveredN() ?? 0),
    imaging: imagingCards(signedIn, spaceId, input.names),
    gaps: compId === undefined ? [] : gapsOf(signedIn.client.alarms(), compId),
  });
}

function imagingCards(signedIn: SignedIn, spaceId: SpaceId, names: NameBook) {
  const charts = chartsOf(signedIn, spaceId);
  return studiesOf(signedIn, spaceId, names).flatMap((card) => {
    const atMs = signedIn.imaging.firstMs(charts, card.study);
    return atMs === undefined ? [] : [{ card, atMs }];
  });
}

export function readRecord(signedIn: SignedIn, spaceId: SpaceId): RecordView | undefined {
  if (!isCase(signedIn, spaceId)) return undefined;
  const { picture, charts, verified, unreadable } = signedIn.records.record(
    spaceId,
    seedOf(signedIn.cases.file(spaceId)),
  );
  const refused = unreadable + countRefused(signedIn.client.alarms(), charts);
  const present = new Set(picture.institutions.map(({ id }) => id));
  const missing = institutionsOf(signedIn, spaceId).filter((orgId) => !present.has(orgId));
  return {
    spaceId,
    picture,
    verified,
    total: verified + refused,
    refused,
    missingInstitutions: missing.map((orgId) => institutionName(signedIn.client.directory, orgId)),
  };
}

/** Where a fragment of the case's record comes from. NOT_FOUND for one that the case does not show. */
export function readSource(signedIn: SignedIn, spaceId: SpaceId, fragmentId: string): Result<SourceView, Failure> {
  const found = isCase(signedIn, spaceId) ? signedIn.records.find(fragmentId) : undefined;
  const charts = signedIn.records.chartsOf(seedOf(signedIn.cases.file(spaceId)));
  if (found === undefined || !charts.has(found.received.spaceId)) return err(failure("NOT_FOUND"));
  const { fragment, received } = found;
  const { entry, compId, n } = received;
  const original = entry.provenance === undefined ? undefined : bytesToUtf8(entry.provenance.original);
  return ok({
    institution: fragment.provenance.institution,
    system: fragment.provenance.system,
    authorDevice: inGroups(entry.kid.slice(0, 16)),
    receivedMs: fragment.provenance.receivedMs,
    logged: n < (signedIn.client.compartment(compId)?.coveredN() ?? 0),
    entryId: entry.entryId,
    compId,
    original:
      original === undefined || original === "" || entry.provenance === undefined
        ? undefined
        : { mediaType: entry.provenance.originalType, text: original },
    json: fragment.json,
  });
}

export function readTeam(signedIn: SignedIn, spaceId: SpaceId): TeamView | undefined {
  if (!isCase(signedIn, spaceId)) return undefined;
  const file = signedIn.cases.file(spaceId);
  return buildTeam({
    spaceId,
    me: signedIn.me,
    file,
    isRemoved: signedIn.isRemoved(spaceId),
    view: signedIn.client.directory,
    charts: signedIn.records.chartsOf(seedOf(file)),
    names: signedIn.names(),
  });
}

function inputOf(signedIn: SignedIn, spaceId: SpaceId, names: NameBook) {
  const comp = signedIn.room(spaceId);
  const file = signedIn.cases.file(spaceId);
  const inFeed = new Set(file.said.map(({ oid }) => oid));
  return {
    spaceId,
    me: signedIn.me,
    file,
    comp,
    names,
    isRemoved: signedIn.isRemoved(spaceId),
    positions: comp === undefined ? new Map() : signedIn.delivery.positions(comp.id),
    onItsWay: comp === undefined ? [] : signedIn.sent.onItsWay(comp.id, (oid) => inFeed.has(oid)),
  };
}

function isCase(signedIn: SignedIn, spaceId: SpaceId): boolean {
  return signedIn.client.directory.space(spaceId)?.kind === "case";
}

/** Institutions of the people and gateways of a case, in the order of their coming. */
function institutionsOf(signedIn: SignedIn, spaceId: SpaceId): readonly OrgId[] {
  const names = signedIn.names();
  const members = [...(signedIn.room(spaceId)?.members.keys() ?? [])];
  return [...new Set(members.flatMap((userId) => names(userId).orgId ?? []))];
}

function inGroups(hex: string): string {
  return hex.replaceAll(/(.{4})(?=.)/g, "$1 ");
}
