import { join } from "node:path";
import { type Bytes, type Failure, failure, ok, type Result, toBytes } from "@caseroom/contract";
import { type DicomInstance, dataSetOf, readDicom, readPart10, wrapDataSet } from "@caseroom/dicom";
import type postgres from "postgres";
import { HKID_SYSTEM, matchPatient, type PatientIdentifier } from "../patients/patient-index.ts";
import { compareInstance, insertInstance, insertQuarantined } from "./instance-store.ts";
import { keepFile, sha256Hex } from "./kept-file.ts";

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
 * patient's record is put aside (PATIENT_MISMATCH). No failure holds a value of the header.
 */
export async function receiveInstance(
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
  const compared = await compareInstance(deps.sql, instance.sop, hash);
  if (compared === "same") return ok({ ...known, isNew: false });
  if (compared === "other") return refuse(failure("DUPLICATE", "other bytes under the same UID"), "instance");
  const { name, birthDate, sex } = instance.patient;
  const patient = await deps.sql.begin((tx) => matchPatient(tx, { identifiers: [identifier], name, birthDate, sex }));
  if (!patient.ok) return refuse(patient.error, "patient");
  // The hash in the name: two deliveries of one UID at the same moment write two files, and one of them gets the row.
  const digest = sha256Hex(instance.sop);
  const file = `imaging/instances/${digest.slice(0, 2)}/${digest}-${Buffer.from(hash).toString("hex", 0, 8)}.dcm`;
  const kept = asFile(bytes, instance);
  await keepFile(join(deps.dataDir, file), kept);
  const isFirst = await insertInstance(deps.sql, {
    instance,
    patientId: patient.value,
    hash,
    size: kept.length,
    file,
    association: source.association,
    receivedMs: deps.nowMs(),
  });
  if (!isFirst && (await compareInstance(deps.sql, instance.sop, hash)) === "other")
    return refuse(failure("DUPLICATE", "other bytes under the same UID"), "instance");
  deps.onReceived();
  return ok({ ...known, isNew: isFirst });
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
  const named = instance === undefined ? undefined : { sop: instance.sop, sopClass: instance.sopClass };
  return { ok: false, error: { ...error, instance: named, isKept: true } };
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
