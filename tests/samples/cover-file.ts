import { countEntries } from "../../packages/formats/ccda/src/entry-counter-for-testing.ts";
import { add, CATEGORIES, type Category, type Counts, categoryOf, NOTHING } from "./clinical-counts.ts";
import { countDicom } from "./count-dicom.ts";
import { countFhir } from "./count-fhir.ts";
import { countHl7, type SourceCount } from "./count-hl7.ts";
import { type DifferenceReason, isDifferenceReason } from "./difference-reason.ts";
import { readSource, type SourceReading } from "./read-source.ts";

export type CoveredFile = Pick<SourceReading, "format" | "status" | "why" | "found"> & {
  readonly counted: Counts;
  /** Why the two numbers differ, where they do. */
  readonly reasons: readonly DifferenceReason[];
  /** Where they differ for no reason of the list. */
  readonly unexplained: readonly Category[];
};

/** Reads a file, counts it independently, and compares. */
export function coverFile(name: string, bytes: Uint8Array): CoveredFile {
  const reading = readSource(name, bytes);
  const { format, status, why, found } = reading;
  const { counts, except } = status === "read" ? countSource(reading, bytes) : { counts: NOTHING, except: [] };
  const reasons = new Set<DifferenceReason>();
  const unexplained = CATEGORIES.filter((category) => {
    const own = except.filter((one) => one.category === category);
    for (const { reason } of own) reasons.add(reason);
    return counts[category] - own.length !== found[category];
  });
  const explained = unexplained.filter((category) => {
    const more = reasonsOfReader(reading, category, counts[category] - found[category]);
    for (const reason of more) reasons.add(reason);
    return more.length === 0;
  });
  return { format, status, why, found, counted: counts, reasons: [...reasons].sort(), unexplained: explained };
}

function countSource(reading: SourceReading, bytes: Uint8Array): SourceCount {
  const text = () => new TextDecoder().decode(bytes);
  switch (reading.format) {
    case "hl7v2":
      return reading.messages.map((message) => countHl7(new TextDecoder().decode(message))).reduce(join, EMPTY);
    case "fhir-json":
    case "fhir-ndjson":
      return { counts: countFhir(text()) ?? NOTHING, except: [] };
    case "ccda":
      return { counts: countStatements(text()), except: [] };
    case "dicom":
      return countDicom(bytes);
    case "document":
      return { counts: { ...NOTHING, documents: 1 }, except: [] };
    default:
      return EMPTY;
  }
}

const EMPTY: SourceCount = { counts: NOTHING, except: [] };

function join(a: SourceCount, b: SourceCount): SourceCount {
  return { counts: add(a.counts, b.counts), except: [...a.except, ...b.except] };
}

/** Kinds of statements of the tag counter as categories. */
function countStatements(xml: string): Counts {
  let counts = NOTHING;
  for (const [key, count] of countEntries(xml)) {
    const kind = key.slice(key.lastIndexOf("/") + 1);
    const category = kind === "Medication" ? "medications" : categoryOf(kind);
    if (category !== undefined) counts = add(counts, { ...NOTHING, [category]: count });
  }
  const files = xml.match(/<(\w+:)?nonXMLBody\b/g)?.length ?? 0;
  return add(counts, { ...NOTHING, documents: files });
}

/** LOINC codes of the sections in which the tag counter finds each category. */
const SECTIONS: Readonly<Record<Category, readonly string[]>> = {
  allergies: ["48765-2"],
  medications: ["10160-0", "10183-2", "75311-1", "29549-3"],
  problems: ["11450-4", "11348-0", "42347-5", "C-CDAV2-DDN", "10219-4", "10218-6", "46240-8"],
  results: ["30954-2", "8716-3", "29762-2"],
  immunizations: ["11369-6"],
  procedures: ["47519-4", "30954-2"],
  documents: [""],
  images: [],
};

/** What a C-CDA reader itself says of what it left out, or found where the counter does not look. */
function reasonsOfReader(reading: SourceReading, category: Category, lacking: number): readonly DifferenceReason[] {
  if (reading.format !== "ccda" || reading.status !== "read") return [];
  if (lacking < 0) return ["elsewhere"];
  const own = reading.skipped
    .filter(({ section }) => SECTIONS[category].includes(section))
    .map(({ reason }): string => reason)
    .filter(isDifferenceReason);
  return own.length >= lacking ? [...new Set(own)] : [];
}
