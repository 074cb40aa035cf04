import {
  type Bytes,
  bytesToUtf8,
  err,
  type Failure,
  failure,
  ok,
  parseJson,
  type QuarantineSource,
  type Result,
} from "@caseroom/contract";
import type { SenderProfile } from "@caseroom/hl7v2";
import type postgres from "postgres";
import { z } from "zod";
import { replayHl7 } from "../../adapters/mllp/receive-hl7.ts";
import { takeBundle } from "../admin/import-fhir.ts";
import type { InteractionDeps } from "../fhir/interactions.ts";
import { replayRequest } from "../fhir/replay-request.ts";
import { reopenPack } from "../imaging/pack-store.ts";
import { type ReceiveDeps, takeInstance } from "../imaging/receive-instance.ts";
import { takeCcda } from "../import/import-ccda.ts";
import type { PatientIdentifier } from "../patients/patient-index.ts";
import type { KeptItem } from "./quarantine-store.ts";

/** Why a replay was not taken in either, and where. */
export type ReplayRefusal = Failure & { readonly place: string };

/**
 * Sends a version of an item through the door by which it came: the code that took it first. `settle` closes the item; it runs in the
 * transaction that takes it, or after a door whose repetition changes nothing.
 */
export type ReplayDoor = (
  item: KeptItem,
  version: { readonly bytes: Bytes; readonly isRepaired: boolean },
  settle: (tx: postgres.ISql) => Promise<void>,
) => Promise<Result<undefined, ReplayRefusal>>;

export function createReplayDoors(deps: {
  readonly sql: postgres.Sql;
  readonly receive: ReceiveDeps;
  readonly fhir: InteractionDeps;
  readonly nowMs: () => number;
  readonly onAccepted: () => void;
  readonly onAssociationEnd: (association: string) => void;
  readonly onPackReopened: () => void;
  readonly profiles?: readonly SenderProfile[];
}): Readonly<Record<QuarantineSource, ReplayDoor>> {
  const { sql } = deps;

  const instance: ReplayDoor = async (item, { bytes }, settle) => {
    const association = `replay-${item.id}`;
    const kind = item.source === "dimse" || item.source === "stow" ? item.source : "import";
    const taken = await takeInstance(deps.receive, bytes, { kind, peer: item.sender, association });
    if (!taken.ok) {
      const { instance: _instance, ...refusal } = taken.error;
      return err(refusal);
    }
    await sql.begin(settle);
    deps.onAssociationEnd(association);
    return ok();
  };

  const bundle: ReplayDoor = async (item, { bytes }, settle) => {
    const text = bytesToUtf8(bytes);
    if (text === undefined) return err({ ...failure("SOURCE_UNREADABLE"), place: "" });
    const taken = await takeBundle({ ...deps, sender: item.sender }, text, { settle });
    return taken.ok ? ok() : taken;
  };

  const document: ReplayDoor = async (item, { bytes }, settle) => {
    const taken = await takeCcda({ ...deps, sender: item.sender }, bytes, {
      about: namedPatient(item.request),
      settle,
    });
    return taken.ok ? ok() : taken;
  };
  const file: ReplayDoor = (item, version, settle) => {
    if (item.mediaType === "application/dicom") return instance(item, version, settle);
    return item.mediaType === "application/xml" ? document(item, version, settle) : bundle(item, version, settle);
  };

  return {
    hl7v2: (_item, version, settle) => replayHl7(deps, version, settle),
    dimse: instance,
    stow: instance,
    import: file,
    fhir: async ({ request }, { bytes }, settle) => {
      const text = bytesToUtf8(bytes);
      if (text === undefined) return err({ ...failure("SOURCE_UNREADABLE"), place: "" });
      return replayRequest(deps.fhir, { request: request ?? "POST", text }, settle);
    },
    packer: async ({ packId }, _version, settle) => {
      const reopened = await sql.begin(async (tx) => {
        if (packId === undefined || !(await reopenPack(tx, packId))) return false;
        await settle(tx);
        return true;
      });
      if (!reopened) return err({ ...failure("NOT_FOUND"), place: "" });
      deps.onPackReopened();
      return ok();
    },
  };
}

const named = z.object({ system: z.string(), value: z.string() });

/** Whom the importer named, as it was kept with the file. */
export function namedPatient(request: string | undefined): PatientIdentifier | undefined {
  const json = request === undefined ? undefined : parseJson(request);
  const parsed = json?.ok === true ? named.safeParse(json.value) : undefined;
  return parsed?.data;
}
