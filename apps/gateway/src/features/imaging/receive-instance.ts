import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Bytes, err, type Failure, failure, ok, type Result, toBytes } from "@caseroom/contract";
import { type DicomInstance, dataSetOf, readDicom, readPart10, wrapDataSet } from "@caseroom/dicom";
import type postgres from "postgres";
import { writeEvent } from "../../event-log.ts";
import { HKID_SYSTEM, matchByNumber, type PatientIdentifier } from "../patients/patient-index.ts";
import { compareInstance, insertInstance, insertQuarantined } from "./instance-store.ts";
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
  const read = readDicom(bytes);
  if (!read.ok) return putAside(deps, { bytes, source, error: read.error, place: "file", instance: undefined });
  const instance = read.value;
  const refuse = (error: Failure, place: string) => putAside(deps, { bytes, source, error, place, instance });
  const { named } = source;
  if (named !== undefined && (named.sop !== instance.sop || named.sopClass !== instance.sopClass))
    return refuse(failure("CONTEXT_MISMATCH", "another instance than was announced"), "instance");
  const identifier = identifierOf(instance, source, deps.defaultIssuer);
  if (identifier === undefined) return refuse(failure("SOURCE_INCOMPLETE", "no patient id"), "patient");
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
  if (!admitted.ok) return refuse(admitted.error, admitted.error.code === "DUPLICATE" ? "instance" : "patient");
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
  if ((await compareInstance(deps.sql, instance.sop, hash)) === "other") return refuse(OTHER_BYTES, "instance");
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

async function putAside(
  deps: ReceiveDeps,
  input: {
    readonly bytes: Bytes;
    readonly source: InstanceSource;
    readonly error: Failure;
    readonly place: string;
    readonly instance: DicomInstance | undefined;
  },
): Promise<Result<never, InstanceRefusal>> {
  const { bytes, source, error, place, instance } = input;
  const digest = sha256Hex(bytes);
  const file = `imaging/quarantine/${digest}.dcm`;
  await keepFile(join(deps.dataDir, file), bytes);
  await insertQuarantined(deps.sql, {
    receivedMs: deps.nowMs(),
    source: `${source.kind}|${source.peer}`,
    code: error.code,
    place,
    file,
    size: bytes.length,
    hash: toBytes(Buffer.from(digest, "hex")),
  });
  return {
    ok: false,
    error: { ...error, instance: instance === undefined ? undefined : nameOf(instance), isKept: true },
  };
}

function nameOf({ sop, sopClass }: DicomInstance): InstanceRefusal["instance"] {
  return { sop, sopClass };
}

/** A patient is known by the issuer of the id, or else by what the institution calls its own ids, or else by the sender. */
function identifierOf(
  { patient }: DicomInstance,
  { peer }: InstanceSource,
  defaultIssuer: string | undefined,
): PatientIdentifier | undefined {
  if (patient.id === undefined || patient.id === "") return undefined;
  const issuer = patient.issuer ?? defaultIssuer ?? peer;
  return { system: issuer.toUpperCase() === HKID_SYSTEM ? HKID_SYSTEM : issuer, value: patient.id };
}
