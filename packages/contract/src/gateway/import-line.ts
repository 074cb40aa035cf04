import { z } from "zod";
import { ERROR_CODES } from "../errors.ts";

/**
 * What became of one file of an import: a line of JSON from the gateway, from the command line, and to the web app. `patient` is
 * SYSTEM|VALUE as the importing institution knows its patient; `counts` are resources by type.
 */
export const importLine = z.object({
  file: z.string(),
  status: z.enum(["read", "refused", "quarantined"]),
  format: z.string(),
  /** For programs: what a person reads is chosen by it, in the person's language. */
  code: z.enum(ERROR_CODES).optional(),
  reason: z.string().optional(),
  patient: z.string().optional(),
  counts: z.record(z.string(), z.number().int().min(0)),
});
export type ImportLine = z.infer<typeof importLine>;

/** The file's name, percent-encoded: a name may be a patient's, so that it stands in no address. */
export const IMPORT_NAME_HEADER = "caseroom-file-name";

/**
 * SYSTEM|VALUE of the patient whom a file is about, percent-encoded, when it is the importer who says so: for documents of other
 * institutions, which know the patient by other numbers, and for bare sections and scans, which know none.
 */
export const IMPORT_PATIENT_HEADER = "caseroom-patient";

/** Bytes of one upload: a file or a zip of them. */
export const MAX_IMPORT_BYTES = 1_073_741_824;
