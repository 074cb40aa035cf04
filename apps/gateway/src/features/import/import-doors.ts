import { ok } from "@caseroom/contract";
import type { SenderProfile } from "@caseroom/hl7v2";
import type postgres from "postgres";
import { importFhir } from "../admin/import-fhir.ts";
import { type ReceiveDeps, receiveInstance } from "../imaging/receive-instance.ts";
import { importCcda } from "./import-ccda.ts";
import { importDocument } from "./import-document.ts";
import { importHl7 } from "./import-hl7.ts";
import type { ImportDoors } from "./import-upload.ts";

const SENDER = "import";

/** An import goes the way of everything else that comes in: the same checks, the same queues. */
export function createImportDoors(deps: {
  readonly sql: postgres.Sql;
  readonly receive: ReceiveDeps;
  readonly nowMs: () => number;
  readonly onAccepted: () => void;
  readonly profiles?: readonly SenderProfile[];
}): ImportDoors {
  const { sql } = deps;
  return {
    fhir: async (bundle) => {
      const imported = await importFhir({ ...deps, sender: SENDER }, bundle);
      if (!imported.ok) return imported;
      return ok({ patient: await nameNumber(sql, imported.value.patientId) });
    },
    ccda: async (bytes, about) => {
      const imported = await importCcda({ ...deps, sender: SENDER }, bytes, about);
      if (!imported.ok) return imported;
      const { patientId, fragments, skipped } = imported.value;
      return ok({ patient: await nameNumber(sql, patientId), fragments, skipped });
    },
    document: (name, bytes, about) => importDocument({ ...deps, sender: SENDER }, { name, bytes, about }),
    hl7v2: (bytes) => importHl7(deps, bytes),
    dicom: async (bytes) => {
      // The files of a CD come one by one: what belongs together is told by the quiet after the last.
      const received = await receiveInstance(deps.receive, bytes, {
        kind: "import",
        peer: SENDER,
        association: SENDER,
      });
      if (!received.ok) return received;
      const { patient, isNew } = received.value;
      return ok({ patient: `${patient.system}|${patient.value}`, isNew });
    },
  };
}

/** SYSTEM|VALUE by which this institution knows a patient. */
async function nameNumber(sql: postgres.Sql, patientId: string): Promise<string> {
  const [row] = await sql<{ system: string; value: string }[]>`
    SELECT system, value FROM patient_identifier WHERE patient_id = ${patientId}::bigint ORDER BY system LIMIT 1`;
  return row === undefined ? "" : `${row.system}|${row.value}`;
}
