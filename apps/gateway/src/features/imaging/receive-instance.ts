import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Bytes, err, type Failure, failure, ok, type Result, toBytes } from "@caseroom/contract";
import { type DicomInstance, dataSetOf, readDicom, readPart10, wrapDataSet } from "@caseroom/dicom";
import type postgres from "postgres";
import { writeEvent } from "../../event-log.ts";
import { matchByNumber, type PatientIdentifier } from "../patients/patient-index.ts";
import { findFaultPlace, placeOf } from "../quarantine/fault-place.ts";
import { putAside } from "../quarantine/quarantine-store.ts";
import { claimOfInstance } from "./instance-claim.ts";
import { compareInstance, insertInstance } from "./instance-store.ts";
import { beginFile, keepFile, sha256Hex } from "./kept-file.ts";
import { storageFailure } from "./storage-failure.ts";

export type InstanceSource = {
  readonly kind: "dimse" | "stow" | "import";
  /** Calling application entity, or who posted. */
  readonly peer: string;
  /** One association, request or upload: what comes together is packed together. */
  readonly association: string;
  /** What the sender said that it sends. */
  readonly named?: { readonly sop: string; readonly sopClass: string };
};
export type ReceivedInstance = {
  readonly sop: string;
  readonly sopClass: string;
  readonly study: string;
  readonly patient: PatientIdentifier;
  /** False when these very bytes were here before. */
  readonly isNew: boolean;
};
/** `instance` as far as it could be read; `isKept` when it lies in quarantine for a person to look at. */
export type InstanceRefusal = Failure & {
  readonly instance: Pick<DicomInstance, "sop" | "sopClass"> | undefined;
  readonly isKept: boolean;
};

export type ReceiveDeps = {
  readonly sql: postgres.Sql;
  readonly dataDir: string;
  /** Under which a patient id without an issuer is known; the sender's own name when the institution has set none. */
  readonly defaultIssuer: string | undefined;
  readonly nowMs: () => number;
  readonly onReceived: () => void;
};

/** Where in the header a refusal was found; empty when it is the file as a whole. */
type LocatedRefusal = Failure & { readonly place: string; readonly instance: DicomInstance | undefined };

const SOP_INSTANCE_UID = "(0008,0018)";

/**
 * One DICOM object in PS3.10 form: read, matched with a patient, and on disk with its row when this resolves. The same instance again
 * is a success and stored once; other bytes under its UID are a conflict and overwrite nothing (DUPLICATE). A header that contradicts the
 * patient's record is put aside (PATIENT_MISMATCH). STORE_FAILED when there is no room for it now: nothing of it is kept. No failure holds a
 * value of the header. The bytes are the caller's again when this resolves.
 */
export async function receiveInstance(
  deps: ReceiveDeps,
  bytes: Bytes,
  source: InstanceSource,
): Promise<Result<ReceivedInstance, InstanceRefusal>> {
  try {
    return await receiveOne(deps, bytes, source);
  } catch (thrown) {
    const error = storageFailure(thrown);
    if (error === undefined) throw thrown;
    writeEvent("image not stored", error);
    const read = readDicom(bytes);
    return { ok: false, error: { ...error, instance: read.ok ? nameOf(read.value) : undefined, isKept: false } };
  }
}

async function receiveOne(
  deps: ReceiveDeps,
  bytes: Bytes,
  source: InstanceSource,
): Promise<Result<ReceivedInstance, InstanceRefusal>> {
  const taken = await takeInstance(deps, bytes, source);
  if (taken.ok) return taken;
  const { place, instance, ...problem } = taken.error;
  const digest = sha256Hex(bytes);
  const file = quarantineFile(digest);
  await keepFile(join(deps.dataDir, file), bytes);
  await deps.sql.begin((tx) =>
    putAside(tx, {
      receivedMs: deps.nowMs(),
      source: source.kind,
      sender: source.peer,
      mediaType: "application/dicom",
      code: problem.code,
      place,
      file,
      size: bytes.length,
      hash: toBytes(Buffer.from(digest, "hex")),
    }),
  );
  return err({ ...problem, instance: instance === undefined ? undefined : nameOf(instance), isKept: true });
}

/** As `receiveInstance`; what is refused is in the hands of the caller. */
export async function takeInstance(
  deps: ReceiveDeps,
  bytes: Bytes,
  source: InstanceSource,
): Promise<Result<ReceivedInstance, LocatedRefusal>> {
  const read = readDicom(bytes);
  if (!read.ok) return err({ ...read.error, place: "", instance: undefined });
  const instance = read.value;
  const refuse = (error: Failure, place: string) => err({ ...error, place, instance });
  const { named } = source;
  if (named !== undefined && (named.sop !== instance.sop || named.sopClass !== instance.sopClass))
    return refuse(failure("CONTEXT_MISMATCH", "another instance than was announced"), SOP_INSTANCE_UID);
  const claim = claimOfInstance(instance, deps.defaultIssuer ?? source.peer);
  const [identifier] = claim.identifiers;
  if (identifier === undefined)
    return refuse(failure("SOURCE_INCOMPLETE", "no patient id"), placeOf("dicom", "no-identifier"));
  const hash = toBytes(Buffer.from(sha256Hex(dataSetOf(bytes)), "hex"));
  const known = { sop: instance.sop, sopClass: instance.sopClass, study: instance.study, patient: identifier };
  const kept = asFile(bytes, instance);
  const path = newPath(instance.sop);
  const file = beginFile(join(deps.dataDir, path), kept);
  const admitted = await admit(deps, instance, { identifier, hash }).catch(async (error: unknown) => {
    await file.discard();
    throw error;
  });
  if (!admitted.ok || admitted.value === "known") await file.discard();
  if (!admitted.ok) {
    const { error } = admitted;
    const isMismatch = error.code === "PATIENT_MISMATCH" || error.code === "SOURCE_INCOMPLETE";
    return refuse(error, isMismatch ? await findFaultPlace(deps.sql, "dicom", claim, error) : SOP_INSTANCE_UID);
  }
  if (admitted.value === "known") return ok({ ...known, isNew: false });
  await file.keep();
  const isFirst = await insertInstance(deps.sql, {
    instance,
    patientId: admitted.value.patientId,
    hash,
    size: kept.length,
    file: path,
    association: source.association,
    receivedMs: deps.nowMs(),
  });
  deps.onReceived();
  if (isFirst) return ok({ ...known, isNew: true });
  // Another delivery of this UID was faster: that one's file has the row.
  await file.discard();
  if ((await compareInstance(deps.sql, instance.sop, hash)) === "other") return refuse(OTHER_BYTES, SOP_INSTANCE_UID);
  return ok({ ...known, isNew: false });
}

const OTHER_BYTES = failure("DUPLICATE", "other bytes under the same UID");

/** A name that nobody else has: only a row says which file is an instance. */
function newPath(sop: string): string {
  const digest = sha256Hex(sop);
  return `imaging/instances/${digest.slice(0, 2)}/${digest.slice(0, 32)}-${randomUUID()}.dcm`;
}

/** Whose it is, or `known` when these very bytes are here. */
async function admit(
  { sql }: ReceiveDeps,
  { sop, patient: { name, birthDate, sex } }: DicomInstance,
  { identifier, hash }: { readonly identifier: PatientIdentifier; readonly hash: Bytes },
): Promise<Result<{ readonly patientId: string } | "known", Failure>> {
  const compared = await compareInstance(sql, sop, hash);
  if (compared === "same") return ok("known");
  if (compared === "other") return err(OTHER_BYTES);
  const patient = await matchByNumber(sql, { identifier, name, birthDate, sex });
  return patient.ok ? ok({ patientId: patient.value }) : patient;
}

/** A bare data set gets the frame that makes it a file: what is kept is handed out as it is. */
function asFile(bytes: Bytes, { sop, sopClass, transferSyntax }: DicomInstance): Bytes {
  const part10 = readPart10(bytes);
  if (part10.ok && part10.value.isPart10) return bytes;
  return wrapDataSet({ sop, sopClass, transferSyntax, dataSet: dataSetOf(bytes) });
}

function nameOf({ sop, sopClass }: DicomInstance): InstanceRefusal["instance"] {
  return { sop, sopClass };
}

/** Where the bytes of something that is put aside lie, below the data folder; by their SHA-256, so that the same lie there once. */
export function quarantineFile(digest: string): string {
  return `imaging/quarantine/${digest}.dcm`;
}
