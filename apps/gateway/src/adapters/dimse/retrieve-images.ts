import type { Client } from "@caseroom/client";
import type { Bytes } from "@caseroom/contract";
import { readPart10 } from "@caseroom/dicom";
import type postgres from "postgres";
import { type QidoQuery, queryOfKeys } from "../../features/imaging/qido-query.ts";
import { BrokenOff, readChunks } from "../../features/imaging/wado-multipart.ts";
import { findMatchingObjects, type ImagingObject } from "../../features/imaging/wado-store.ts";
import type { ByteSource } from "./message-sender.ts";
import { type QueryLevel, readQueryKeys } from "./query-keys.ts";
import type { DimseQuery, DimseStatus, KeptObject, SopClassSyntax } from "./services.ts";

const NOT_OF_THIS_CLASS = 0xa900;
const CANNOT_UNDERSTAND = 0xc000;
const CANNOT_COUNT = 0xa701;

const MAX_OBJECTS = 20_000;

const UNIQUE_KEY: Readonly<Record<QueryLevel, string>> = {
  patient: "00100020",
  study: "0020000D",
  series: "0020000E",
  instance: "00080018",
};

const ISSUER_OF_PATIENT_ID = "00100021";

type RetrieveDeps = { readonly sql: postgres.Sql; readonly client: Pick<Client, "blobs"> };

/** What a C-GET names (PS3.4 §C.4.3.1.3): by the unique keys of its level and, where they are given, of those above. */
export async function retrieveImages(
  deps: RetrieveDeps,
  query: DimseQuery,
): Promise<{ readonly objects: readonly KeptObject[] } | DimseStatus> {
  const keys = readQueryKeys(query);
  if (!keys.ok)
    return keys.error.code === "CONTEXT_MISMATCH"
      ? { status: NOT_OF_THIS_CLASS, comment: "no such query level" }
      : { status: CANNOT_UNDERSTAND, comment: "the keys cannot be read" };
  const { level, values } = keys.value;
  // The number of another issuer is another patient's; who names the issuer must not be given both.
  if ((values.get(ISSUER_OF_PATIENT_ID) ?? "") !== "")
    return { status: NOT_OF_THIS_CLASS, comment: "the issuer of a patient id is no key here" };
  const unique = new Map([...values].filter(([tag, value]) => value !== "" && Object.values(UNIQUE_KEY).includes(tag)));
  const named = unique.get(UNIQUE_KEY[level]);
  if (named === undefined || /[*?]/.test(named))
    return { status: NOT_OF_THIS_CLASS, comment: "no unique key of the level" };
  const parsed = queryOfKeys(unique);
  if ("wrong" in parsed) return { status: NOT_OF_THIS_CLASS, comment: `key not understood: ${parsed.wrong}` };
  const objects = await findMatchingObjects(deps.sql, { ...parsed.query, limit: MAX_OBJECTS + 1 } satisfies QidoQuery);
  if (objects.length > MAX_OBJECTS) return { status: CANNOT_COUNT, comment: `more than ${MAX_OBJECTS} objects` };
  return { objects: objects.map((object) => keptObject(deps, object)) };
}

function keptObject({ client }: RetrieveDeps, object: ImagingObject): KeptObject {
  const { sop, sopClass, transferSyntax } = object;
  return { sop, sopClass, transferSyntax, open: () => openDataSet(client, object) };
}

/** The data set of a kept file, without its meta information: what goes over an association is the data set alone. */
async function openDataSet(client: Pick<Client, "blobs">, object: ImagingObject): Promise<ByteSource | undefined> {
  const chunks = readChunks(client, object);
  const first = await firstOf(chunks);
  const part10 = first === undefined ? undefined : readPart10(first);
  if (first === undefined || part10?.ok !== true) return undefined;
  const { from } = part10.value;
  const pieces = async function* () {
    yield first.subarray(from);
    yield* chunks;
  };
  return { length: object.length - from, pieces: pieces() };
}

/** Undefined when the hub cannot be reached: nothing has been sent yet, and this can still be said. */
async function firstOf(chunks: AsyncGenerator<Bytes>): Promise<Bytes | undefined> {
  try {
    const first = await chunks.next();
    return first.done === true ? undefined : first.value;
  } catch (error) {
    if (error instanceof BrokenOff) return undefined;
    throw error;
  }
}

/** Those pairs of which there is an object here. */
export async function heldSyntaxes(
  sql: postgres.Sql,
  pairs: readonly SopClassSyntax[],
): Promise<readonly SopClassSyntax[]> {
  return sql<SopClassSyntax[]>`
    SELECT p.sop_class AS "sopClass", p.transfer_syntax AS "transferSyntax"
    FROM unnest(${pairs.map((one) => one.sopClass)}::text[], ${pairs.map((one) => one.transferSyntax)}::text[])
      AS p (sop_class, transfer_syntax)
    WHERE EXISTS (SELECT FROM imaging_object o WHERE o.sop_class = p.sop_class AND o.transfer_syntax = p.transfer_syntax)`;
}
