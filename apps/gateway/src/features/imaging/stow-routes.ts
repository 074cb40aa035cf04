import { randomUUID } from "node:crypto";
import { type Bytes, type ErrorCode, toBytes } from "@caseroom/contract";
import type { FastifyInstance } from "fastify";
import { bearerOf } from "../fhir/fhir-routes.ts";
import { DICOM_JSON, refuse } from "./dicomweb-reply.ts";
import { type InstanceRefusal, type ReceiveDeps, type ReceivedInstance, receiveInstance } from "./receive-instance.ts";
import { splitMultipart } from "./stow-multipart.ts";

const MAX_BYTES = 1_073_741_824;
const MAX_PARTS = 5000;

type Deps = {
  readonly receive: ReceiveDeps;
  readonly baseUrl: string;
  readonly isToken: (token: string | undefined) => boolean;
  readonly onAssociationEnd: (association: string) => void;
};

/** STOW-RS (PS3.18 §10.5): POST /dicomweb/studies[/{study}]. 200 all kept, 202 some, 409 none; each is durable before it is said to be. */
export function registerStow(app: FastifyInstance, deps: Deps): void {
  app.addContentTypeParser(/^multipart\/related/, { parseAs: "buffer", bodyLimit: MAX_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  for (const url of ["/dicomweb/studies", "/dicomweb/studies/:study"]) {
    app.route<{ Params: { readonly study?: string } }>({
      method: "POST",
      url,
      bodyLimit: MAX_BYTES,
      onRequest: async (request, reply) => {
        if (!deps.isToken(bearerOf(request.headers.authorization)))
          await reply.code(401).header("www-authenticate", "Bearer").send();
      },
      handler: async (request, reply) => {
        const type = request.headers["content-type"] ?? "";
        if (!/type="?application\/dicom"?(;|$)/i.test(type))
          return refuse(reply, 415, "instances are taken as parts of type application/dicom");
        const parts =
          request.body instanceof Buffer ? splitMultipart(toBytes(request.body), type, MAX_PARTS) : undefined;
        if (parts === undefined) return refuse(reply, 400, "the multipart body cannot be taken apart");
        const answer = await storeAll(deps, parts, request.params.study);
        return reply.code(answer.status).type(DICOM_JSON).send(JSON.stringify(answer.body));
      },
    });
  }
}

async function storeAll(deps: Deps, parts: readonly Bytes[], study: string | undefined) {
  const association = randomUUID();
  const stored: ReceivedInstance[] = [];
  const failed: { readonly refusal: InstanceRefusal; readonly reason: number }[] = [];
  for (const part of parts) {
    const received = await receiveInstance(deps.receive, part, { kind: "stow", peer: "STOW", association });
    if (!received.ok) failed.push({ refusal: received.error, reason: STOW_REASONS[received.error.code] ?? 0x0110 });
    else stored.push(received.value);
  }
  deps.onAssociationEnd(association);
  const strayed = stored.some((one) => study !== undefined && one.study !== study);
  const status = failed.length === 0 && !strayed ? 200 : stored.length === 0 ? 409 : 202;
  return { status, body: storeResponse(deps.baseUrl, stored, failed) };
}

/** PS3.18 table I.2-2; 0x0110 is a processing failure. */
const STOW_REASONS: Partial<Record<ErrorCode, number>> = {
  SOURCE_UNREADABLE: 0xc000,
  SOURCE_INCOMPLETE: 0xc000,
  SOURCE_UNSUPPORTED: 0x0122,
  TOO_LARGE: 0xa700,
  PATIENT_MISMATCH: 0xc100,
  DUPLICATE: 0x0111,
};

function storeResponse(
  baseUrl: string,
  stored: readonly ReceivedInstance[],
  failed: readonly { readonly refusal: InstanceRefusal; readonly reason: number }[],
) {
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
            Value: failed.map(({ refusal, reason }) => ({
              ...(refusal.instance === undefined
                ? {}
                : { "00081150": uid(refusal.instance.sopClass), "00081155": uid(refusal.instance.sop) }),
              "00081197": { vr: "US", Value: [reason] },
            })),
          },
        }),
  };
}
