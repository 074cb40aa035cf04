import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Bytes, type ErrorCode, type Failure, failure } from "@caseroom/contract";
import type { FastifyInstance } from "fastify";
import { toError, writeEvent } from "../../event-log.ts";
import { bearerOf } from "../fhir/fhir-routes.ts";
import { DICOM_JSON, refuse } from "./dicomweb-reply.ts";
import type { ReceptionMemory } from "./gathered-bytes.ts";
import { type InstanceRefusal, type ReceiveDeps, type ReceivedInstance, receiveInstance } from "./receive-instance.ts";
import { boundaryOf, readMultipart } from "./stow-multipart.ts";

const MAX_PARTS = 5000;
/** While one waits for the disk, the next is read. */
const MAX_IN_WORK = 4;
const RETRY_AFTER_S = "60";

type Deps = {
  readonly receive: ReceiveDeps;
  readonly memory: ReceptionMemory;
  readonly baseUrl: string;
  readonly isToken: (token: string | undefined) => boolean;
  readonly onAssociationEnd: (association: string) => void;
};

/** An instance that was not stored: as far as it could be read, and why. */
type FailedInstance = { readonly instance: InstanceRefusal["instance"]; readonly code: ErrorCode };
type Outcome = {
  readonly stored: readonly ReceivedInstance[];
  readonly failed: readonly FailedInstance[];
};

/**
 * STOW-RS (PS3.18 §10.5): POST /dicomweb/studies[/{study}]. Each instance is on disk before the next but three is read, and before it is said
 * to be. 200 all kept, 202 some, 409 none; 503 none because there is no room for them now.
 */
export function registerStow(app: FastifyInstance, deps: Deps): void {
  app.addContentTypeParser(/^multipart\/related/, (_request, payload, done) => done(null, payload));
  for (const url of ["/dicomweb/studies", "/dicomweb/studies/:study"]) {
    app.route<{ Params: { readonly study?: string } }>({
      method: "POST",
      url,
      onRequest: async (request, reply) => {
        if (!deps.isToken(bearerOf(request.headers.authorization)))
          await reply.code(401).header("www-authenticate", "Bearer").send();
      },
      handler: async (request, reply) => {
        const type = request.headers["content-type"] ?? "";
        if (!/type="?application\/dicom"?(;|$)/i.test(type))
          return refuse(reply, 415, "instances are taken as parts of type application/dicom");
        const boundary = boundaryOf(type);
        const outcome = boundary === undefined ? NOTHING : await storeAll(deps, request.raw, boundary);
        const { stored, failed } = outcome;
        if (stored.length === 0 && failed.every(({ code }) => code === "BAD_REQUEST"))
          return refuse(reply, 400, "the multipart body cannot be taken apart");
        const status = statusOf(outcome, request.params.study);
        if (status === 503) reply.header("retry-after", RETRY_AFTER_S);
        const body = JSON.stringify(storeResponse(deps.baseUrl, outcome));
        return reply.code(status).type(DICOM_JSON).send(body);
      },
    });
  }
}

const NOTHING: Outcome = { stored: [], failed: [] };

async function storeAll(deps: Deps, request: IncomingMessage, boundary: string): Promise<Outcome> {
  const association = randomUUID();
  const stored: ReceivedInstance[] = [];
  const failed: FailedInstance[] = [];
  const refuseOne = ({ code }: Failure, instance?: InstanceRefusal["instance"]) => void failed.push({ instance, code });
  const store = async (body: Bytes): Promise<void> => {
    try {
      const received = await receiveInstance(deps.receive, body, { kind: "stow", peer: "STOW", association });
      if (received.ok) stored.push(received.value);
      else refuseOne(received.error, received.error.instance);
    } catch (thrown) {
      writeEvent("storing failed", toError(thrown));
      refuseOne(failure("INTERNAL"));
    }
  };
  const inWork = new Set<Promise<void>>();
  try {
    // What was sent is answered, even where the rest of the message is not read.
    const chunks = request.iterator({ destroyOnReturn: false });
    for await (const { body, release } of readMultipart(chunks, boundary, {
      maxParts: MAX_PARTS,
      memory: deps.memory,
    })) {
      if (!body.ok) {
        refuseOne(body.error);
        continue;
      }
      const work = store(body.value).finally(() => {
        release();
        inWork.delete(work);
      });
      inWork.add(work);
      if (inWork.size === MAX_IN_WORK) await Promise.race(inWork);
    }
    await Promise.all(inWork);
  } finally {
    await Promise.allSettled(inWork);
    deps.onAssociationEnd(association);
  }
  return { stored, failed };
}

function statusOf({ stored, failed }: Outcome, study: string | undefined): number {
  const strayed = stored.some((one) => study !== undefined && one.study !== study);
  if (failed.length === 0 && !strayed) return 200;
  if (stored.length > 0) return 202;
  return failed.every(({ code }) => code === "STORE_FAILED" || code === "UNAVAILABLE") ? 503 : 409;
}

const OUT_OF_RESOURCES = 0xa700;
/** PS3.18 table I.2-2; 0x0110 is a processing failure. */
const STOW_REASONS: Partial<Record<ErrorCode, number>> = {
  BAD_REQUEST: 0xc000,
  SOURCE_UNREADABLE: 0xc000,
  SOURCE_INCOMPLETE: 0xc000,
  SOURCE_UNSUPPORTED: 0x0122,
  TOO_LARGE: OUT_OF_RESOURCES,
  PATIENT_MISMATCH: 0xc100,
  DUPLICATE: 0x0111,
  STORE_FAILED: OUT_OF_RESOURCES,
  UNAVAILABLE: OUT_OF_RESOURCES,
};

function reasonOf(code: ErrorCode): number {
  return STOW_REASONS[code] ?? 0x0110;
}

function storeResponse(baseUrl: string, { stored, failed }: Outcome) {
  const uid = (value: string) => ({ vr: "UI", Value: [value] });
  return {
    ...(stored.length === 0
      ? {}
      : {
          "00081199": {
            vr: "SQ",
            Value: stored.map(({ sop, sopClass, study }) => ({
              "00081150": uid(sopClass),
              "00081155": uid(sop),
              "00081190": { vr: "UR", Value: [`${baseUrl}/dicomweb/studies/${study}`] },
            })),
          },
        }),
    ...(failed.length === 0
      ? {}
      : {
          "00081198": {
            vr: "SQ",
            Value: failed.map(({ instance, code }) => ({
              ...(instance === undefined ? {} : { "00081150": uid(instance.sopClass), "00081155": uid(instance.sop) }),
              "00081197": { vr: "US", Value: [reasonOf(code)] },
            })),
          },
        }),
  };
}
