import { Readable } from "node:stream";
import { failure, IMPORT_NAME_HEADER, IMPORT_PATIENT_HEADER, MAX_IMPORT_BYTES, toBytes } from "@caseroom/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "../../http-problem.ts";
import { bearerOf } from "../fhir/fhir-routes.ts";
import type { PatientIdentifier } from "../patients/patient-index.ts";
import { type ImportDoors, importUpload } from "./import-upload.ts";

/** Encoded: a character can become nine. */
const MAX_NAME = 9216;

/**
 * POST /admin/import and /app/import: one file or a zip, for the command line and for members of staff. Answers a line of JSON for each
 * file as soon as its fate is known and durable. The file's name and the patient whom it is about come in headers, percent-encoded: both
 * may be a patient's, and addresses are written into logs on the way.
 */
export function registerImportRoutes(
  app: FastifyInstance,
  deps: {
    readonly doors: ImportDoors;
    readonly isToken: (token: string | undefined) => boolean;
    readonly isStaff: (token: string | undefined) => boolean;
  },
): void {
  app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  const handle = (mayImport: (token: string | undefined) => boolean) => ({
    bodyLimit: MAX_IMPORT_BYTES,
    // Before the body is read: a gigabyte from a stranger is not.
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      if (!mayImport(bearerOf(request.headers.authorization))) await sendProblem(reply, failure("SESSION_REQUIRED"));
    },
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const name = nameOf(request.headers[IMPORT_NAME_HEADER]);
      const about = patientOf(request.headers[IMPORT_PATIENT_HEADER]);
      if (name === undefined || about === "unreadable" || !(request.body instanceof Buffer))
        return sendProblem(reply, failure("BAD_REQUEST"));
      const upload = { name, bytes: toBytes(request.body), ...(about === undefined ? {} : { about }) };
      const lines = importUpload(deps.doors, upload);
      return reply.type("application/x-ndjson").send(Readable.from(toText(lines)));
    },
  });
  app.post("/admin/import", handle(deps.isToken));
  app.post("/app/import", handle(deps.isStaff));
}

async function* toText(lines: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}

function nameOf(header: unknown): string | undefined {
  if (typeof header !== "string" || header.length === 0 || header.length > MAX_NAME) return undefined;
  try {
    return decodeURIComponent(header);
  } catch {
    return undefined;
  }
}

/** SYSTEM|VALUE; nobody is named without the header. */
function patientOf(header: unknown): PatientIdentifier | undefined | "unreadable" {
  if (header === undefined) return undefined;
  const [, system, value] = /^([^|]+)\|([^|]+)$/.exec(nameOf(header) ?? "") ?? [];
  return system === undefined || value === undefined ? "unreadable" : { system, value };
}
