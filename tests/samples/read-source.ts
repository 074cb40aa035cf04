import { readCcda, type Skipped } from "@caseroom/ccda";
import { toBytes } from "@caseroom/contract";
import { readDicom } from "@caseroom/dicom";
import { readFhir } from "@caseroom/fhir";
import { readHl7, splitHl7 } from "@caseroom/hl7v2";
import { documentFragment } from "../../apps/gateway/src/features/import/import-document.ts";
import { sniffFormat } from "../../apps/gateway/src/features/import/sniff-format.ts";
import { add, type Counts, countTypes, NOTHING } from "./clinical-counts.ts";

/** What the adapter for a file made of it. */
export type SourceReading = {
  readonly format: string;
  readonly status: "read" | "refused" | "quarantined";
  /** Why, when it or a part of it was not read. */
  readonly why: string | undefined;
  readonly found: Counts;
  /** Of HL7 v2: the messages that were read. */
  readonly messages: readonly Uint8Array[];
  /** Of C-CDA: what no resource says. */
  readonly skipped: readonly Skipped[];
};

const ENCAPSULATED = "1.2.840.10008.5.1.4.1.1.104";
const EMPTY = { found: NOTHING, messages: [], skipped: [] };
/** Gateways keep what is broken for a person, and send back what is of another kind. */
const REFUSED = new Set(["SOURCE_UNSUPPORTED", "TOO_LARGE"]);

/** Reads a file as a gateway does that gets it: by what it is, not by what it is called. */
export function readSource(name: string, bytes: Uint8Array): SourceReading {
  const format = sniffFormat(name, toBytes(bytes));
  switch (format) {
    case "hl7v2":
      return readMessages(bytes);
    case "ccda": {
      const read = readCcda(bytes);
      if (!read.ok) return notRead(format, read.error);
      const { resources, skipped } = read.value;
      return { ...EMPTY, format, status: "read", why: undefined, found: countOf(resources), skipped };
    }
    case "fhir-json":
    case "fhir-ndjson":
      return readResources(format, bytes);
    case "dicom": {
      const read = readDicom(toBytes(bytes));
      if (!read.ok) return notRead(format, read.error);
      const isDocument = read.value.sopClass.startsWith(ENCAPSULATED);
      const images = read.value.numberOfFrames > 0 && !isDocument ? 1 : 0;
      const found = { ...NOTHING, images, documents: isDocument ? 1 : 0 };
      return { ...EMPTY, format, status: "read", why: undefined, found };
    }
    case "document": {
      const fragment = documentFragment(name, toBytes(bytes));
      return {
        ...EMPTY,
        format,
        status: "read",
        why: undefined,
        found: countOf(fragment === undefined ? [] : [fragment]),
      };
    }
    case "dicomdir":
      return { ...EMPTY, format, status: "read", why: "the list of a medium" };
    default:
      return { ...EMPTY, format, status: "refused", why: "SOURCE_UNSUPPORTED" };
  }
}

function readMessages(bytes: Uint8Array): SourceReading {
  const all = splitHl7(bytes).messages.map((message) => ({ message, reading: readHl7(message) }));
  const taken = all.flatMap(({ message, reading }) =>
    reading.ok ? [{ message, fragments: reading.value.fragments }] : [],
  );
  const problems = all.flatMap(({ reading }) => (reading.ok ? [] : [reading.error]));
  const [first] = problems;
  const why =
    first === undefined
      ? undefined
      : `${problems.length} of ${all.length}: ${[first.code, first.segment, first.field].filter((part) => part !== undefined).join(" ")}`;
  const found = taken.reduce((counts, { fragments }) => add(counts, countOf(fragments)), NOTHING);
  const status = taken.length > 0 ? "read" : "quarantined";
  return { ...EMPTY, format: "hl7v2", status, why, found, messages: taken.map(({ message }) => message) };
}

function readResources(format: string, bytes: Uint8Array): SourceReading {
  const text = new TextDecoder().decode(bytes);
  const parts = format === "fhir-ndjson" ? text.split(/\r?\n/).filter((line) => line.trim() !== "") : [text];
  let found = NOTHING;
  for (const part of parts) {
    const read = readFhir(part);
    if (!read.ok) return { ...EMPTY, format, status: "refused", why: read.error.code };
    found = add(found, countOf(read.value));
  }
  return { ...EMPTY, format, status: "read", why: undefined, found };
}

function notRead(format: string, { code }: { readonly code: string }): SourceReading {
  return { ...EMPTY, format, status: REFUSED.has(code) ? "refused" : "quarantined", why: code };
}

function countOf(resources: readonly { readonly resourceType: string }[]): Counts {
  return countTypes(resources.map(({ resourceType }) => resourceType));
}
