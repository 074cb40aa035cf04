import { timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  beginSignIn,
  type Client,
  type ClientEvent,
  createClient,
  createHubApi,
  finishSignIn,
  type HubApi,
  keysFromSeeds,
  type Session,
  type Store,
} from "@caseroom/client";
import { openPostgresStore } from "@caseroom/client/postgres";
import {
  consortiumIdField,
  expectOk,
  orgIdField,
  parseJson,
  systemRandom,
  userIdField,
  type GatewayConfig as WebConfig,
} from "@caseroom/contract";
import { signingKeyFromSeed } from "@caseroom/crypto/sign";
import rateLimit from "@fastify/rate-limit";
import Fastify, { type FastifyInstance } from "fastify";
import type postgres from "postgres";
import { WebSocket } from "ws";
import { z } from "zod";
import { createDimseServer } from "./adapters/dimse/dimse-server.ts";
import { createDimseServices } from "./adapters/dimse/dimse-services.ts";
import { createMllpServer } from "./adapters/mllp/mllp-server.ts";
import { receiveHl7 } from "./adapters/mllp/receive-hl7.ts";
import { loadProfiles } from "./adapters/mllp/sender-profiles.ts";
import type { GatewayConfig } from "./config.ts";
import { toError, writeEvent } from "./event-log.ts";
import { registerAdminRoutes } from "./features/admin/admin-routes.ts";
import { createCasePolicy } from "./features/cases/case-policy-loop.ts";
import { keepRequest } from "./features/cases/case-requests.ts";
import { createCaseStore } from "./features/cases/case-store.ts";
import { registerLinkRoutes } from "./features/cases/link-routes.ts";
import { createCharts } from "./features/charts/charts.ts";
import { registerFhirRoutes } from "./features/fhir/fhir-routes.ts";
import { type Notifier, startNotifier } from "./features/fhir/notifier.ts";
import { projectEntries, projectUnfiled } from "./features/fhir/projection.ts";
import { createFileOpener } from "./features/fhir/reading/file-opener.ts";
import { createR4Validator } from "./features/fhir/validation/r4-validator.ts";
import { createFhirWriter } from "./features/fhir/writing/writer.ts";
import { registerDicomWeb } from "./features/imaging/dicomweb-routes.ts";
import { createReceptionMemory } from "./features/imaging/gathered-bytes.ts";
import { removeLeftovers } from "./features/imaging/leftover-files.ts";
import { queueManifests } from "./features/imaging/manifest-queue.ts";
import { type ManifestReader, startManifestReader } from "./features/imaging/manifest-reader.ts";
import { startPacker } from "./features/imaging/packer.ts";
import { createRenderer } from "./features/imaging/rendered-queue.ts";
import { registerStow } from "./features/imaging/stow-routes.ts";
import { createImportDoors } from "./features/import/import-doors.ts";
import { registerImportRoutes } from "./features/import/import-routes.ts";
import { startDelivery } from "./features/inbound/delivery.ts";
import { quarantineActors } from "./features/quarantine/quarantine-actors.ts";
import { createQuarantineActs } from "./features/quarantine/quarantine-acts.ts";
import { registerQuarantineRoutes } from "./features/quarantine/quarantine-routes.ts";
import { createReplayDoors } from "./features/quarantine/replay-doors.ts";
import { createGatewaySessions } from "./features/sessions/gateway-sessions.ts";
import { registerStaffRoutes } from "./features/staff/staff-routes.ts";
import { createStaffStore } from "./features/staff/staff-store.ts";
import { registerAppRoutes } from "./features/web/app-routes.ts";
import { registerStaticFiles } from "./features/web/static-files.ts";
import { awaitConsortium, createRegistrar, foundInstitution, type Institution } from "./institution.ts";
import { openKeyFiles } from "./key-files.ts";
import { createLogger } from "./logger.ts";

export type Gateway = { readonly app: FastifyInstance; readonly stop: () => Promise<void> };

const SIGN_IN_RETRY_MS = 300;
const RENEW_BEFORE_MS = 30 * 60_000;
const institutionFile = z.object({ consortiumId: consortiumIdField, orgId: orgIdField, userId: userIdField });

/** One institution's gateway: signed in at the hub as a device like any other, and open to its own staff and systems. */
export async function startGateway(config: GatewayConfig, sql: postgres.Sql, onLost: () => void): Promise<Gateway> {
  const nowMs = () => Date.now();
  const secrets = openKeyFiles(config.dataDir);
  const caKey = await signingKeyFromSeed(secrets.caSeed);
  const keys = await keysFromSeeds(secrets.deviceSeeds, "gateway", systemRandom);
  let session: Session | undefined;
  const baseUrl = config.hubVia ?? config.hubUrl;
  const audience = new URL(config.hubUrl).origin;
  const api = createHubApi({ baseUrl, audience, fetch, token: () => session?.token });
  const institution = await openInstitution(config, { api, caKey, keys, nowMs });

  let signingIn: Promise<void> | undefined;
  const signIn = (): Promise<void> => {
    signingIn ??= signInOnce().finally(() => {
      signingIn = undefined;
    });
    return signingIn;
  };
  const signInOnce = async (): Promise<void> => {
    for (;;) {
      const begun = await beginSignIn(api, { kid: keys.signing.kid });
      const finished = begun.ok
        ? await finishSignIn(api, { begun: begun.value, signing: keys.signing, consortiumId: institution.consortiumId })
        : begun;
      if (finished.ok) {
        session = finished.value;
        return;
      }
      await sleep(SIGN_IN_RETRY_MS);
    }
  };
  await signIn();
  const renewal = setInterval(() => {
    if (session === undefined || session.expiresMs - nowMs() < RENEW_BEFORE_MS) void signIn();
  }, 60_000);

  const client = await createClient({
    api,
    store: endOnFailedWrite(openPostgresStore(sql), onLost),
    keys,
    userId: institution.userId,
    consortiumId: institution.consortiumId,
    token: () => session?.token,
    openSocket: (url, protocols) => new WebSocket(url, protocols, { perMessageDeflate: false }),
    nowMs,
    random: systemRandom,
    openedEntries: "kept",
  });
  const cases = createCaseStore(sql);
  const charts = createCharts({ sql, client, nowMs });
  const policy = createCasePolicy({
    sql,
    client,
    store: cases,
    charts,
    institution,
    linkPolicy: config.linkPolicy,
    log: writeEvent,
    nowMs,
  });
  const hooks = { sql, baseUrl: config.url, hookOrigins: config.fhirHooks, nowMs };
  const notifier = startNotifier({ ...hooks, log: writeEvent });
  const manifests = startManifestReader({ sql, client, log: writeEvent, nowMs });
  client.subscribe(async (event) => {
    try {
      await onEvent(event, { sql, client, cases, policy, notifier, manifests });
    } catch (error) {
      // What was received counts as received: without its projection it would be missing for ever.
      writeEvent("event failed", toError(error));
      onLost();
    }
    if (event.type === "connection" && event.state === "offline") void signIn();
  });
  expectOk(await client.start(), "the first synchronisation");
  policy.start();
  await projectUnfiled({ sql, client });
  const registrar = createRegistrar({ client, caKey, institution, nowMs });
  const delivery = startDelivery({ sql, client, charts, dataDir: config.dataDir, log: writeEvent });
  const onAccepted = () => delivery.notify();
  await removeLeftovers({ sql, dataDir: config.dataDir });
  const packer = startPacker({ sql, client, charts, dataDir: config.dataDir, log: writeEvent, nowMs });

  const app = Fastify({ logger: createLogger(), disableRequestLogging: true, bodyLimit: 1_048_576 });
  // As text: a parsed and re-written number would lose its decimals.
  app.addContentTypeParser("application/fhir+json", { parseAs: "string" }, (_request, body, done) => done(null, body));
  await app.register(rateLimit, { global: false });
  const isToken = (token: string | undefined) => token !== undefined && equalText(token, secrets.token);
  const staff = createStaffStore(sql, nowMs);
  const sessions = createGatewaySessions({ client, institution, audience: new URL(config.url).origin, nowMs });
  const enrolment = { staff, client, registrar, caKey, institution, policy: config.enrol, nowMs };
  await registerStaticFiles(app, { root: config.webRoot, hubUrl: config.hubUrl });
  registerAppRoutes(app, { sql, client, institution, sessions, enrolment, cases, policy, nowMs });
  const validator = createR4Validator();
  const institutionId = institution.orgId;
  const writer = createFhirWriter({ ...hooks, institutionId, validator, onAccepted, onRaised: notifier.notify });
  const openFile = createFileOpener(client.blobs);
  registerFhirRoutes(app, { sql, baseUrl: config.url, writer, openFile, isToken, nowMs });
  const receive = {
    sql,
    dataDir: config.dataDir,
    defaultIssuer: config.dicomIssuer,
    nowMs,
    onReceived: packer.notify,
  };
  const { onAssociationEnd } = packer;
  const memory = createReceptionMemory();
  registerStow(app, { receive, memory, baseUrl: config.url, isToken, onAssociationEnd });
  const profiles = loadProfiles(config.sendersFile);
  const doors = createImportDoors({ sql, receive, onAccepted, nowMs, profiles });
  registerImportRoutes(app, { doors, isToken, isStaff: (token) => sessions.who(token).ok });
  const replayDoors = createReplayDoors({
    sql,
    receive,
    fhir: { sql, baseUrl: config.url, writer },
    nowMs,
    onAccepted,
    onAssociationEnd,
    onPackReopened: packer.notify,
    profiles,
  });
  const actors = quarantineActors({ sessions, isToken, roles: config.quarantineRoles });
  registerQuarantineRoutes(app, { sql, acts: createQuarantineActs({ ...receive, doors: replayDoors }), ...actors });
  registerLinkRoutes(app, { sql, policy, nowMs, ...actors });
  const renderer = createRenderer();
  registerDicomWeb(app, { sql, client, renderer, baseUrl: config.url, isToken });
  registerStaffRoutes(app, { staff, client, institution, registrar, isToken, nowMs });
  registerAdminRoutes(app, {
    sql,
    api,
    client,
    institution,
    staff,
    policy,
    onAccepted,
    isToken,
    nowMs,
    revokeCredential: (userId) => registrar.state({ op: "cred.revoke", userId }),
  });
  const webConfig: WebConfig = {
    consortiumId: institution.consortiumId,
    hubUrl: config.hubUrl,
    gateway: { id: config.id, name: config.name, orgId: institution.orgId, userId: institution.userId },
    enrol: config.enrol,
    demo: config.isDemo,
  };
  app.get("/config.json", async (_request, reply) => reply.header("cache-control", "no-store").send(webConfig));
  app.get("/healthz", async () => ({ ok: true }));
  app.get("/readyz", async () => {
    await sql`SELECT 1`;
    return { ok: true };
  });

  const mllp = createMllpServer(config.mllp, (message) => receiveHl7({ sql, nowMs, onAccepted, profiles }, message));
  await mllp.start();
  const dicom =
    config.dicom === undefined
      ? undefined
      : createDimseServer({
          ...config.dicom,
          onAssociationEnd,
          memory,
          services: createDimseServices({ ...config.dicom, receive, client }),
        });
  await dicom?.start();
  await app.listen({ host: config.host, port: config.port });
  return {
    app,
    stop: async () => {
      clearInterval(renewal);
      await mllp.stop();
      await dicom?.stop();
      await app.close();
      await delivery.stop();
      await packer.stop();
      await manifests.stop();
      await renderer.stop();
      await notifier.stop();
      await validator.stop();
      await policy.stop();
      await client.stop();
    },
  };
}

/** The client's memory is ahead of its store when a write fails: only a new start brings them together again. */
function endOnFailedWrite(store: Store, onLost: () => void): Store {
  return {
    ...store,
    write: async (writes) => {
      try {
        await store.write(writes);
      } catch (error) {
        onLost();
        throw error;
      }
    },
  };
}

type EventDeps = {
  readonly sql: postgres.Sql;
  readonly client: Client;
  readonly cases: ReturnType<typeof createCaseStore>;
  readonly policy: ReturnType<typeof createCasePolicy>;
  readonly notifier: Notifier;
  readonly manifests: ManifestReader;
};

async function onEvent(
  event: ClientEvent,
  { sql, client, cases, policy, notifier, manifests }: EventDeps,
): Promise<void> {
  if (event.type === "entries") {
    await projectEntries({ sql, client, onRaised: notifier.notify }, event.entries);
    if ((await queueManifests({ sql, client }, event.entries)) > 0) manifests.notify();
    let isNews = false;
    for (const received of event.entries) isNews = (await keepRequest({ client, store: cases }, received)) || isNews;
    if (isNews) policy.notify();
  }
  if (event.type === "alarm") writeEvent("alarm", event.alarm);
  if (event.type === "members" || event.type === "directory") policy.notify();
}

/** Who this institution is: kept from the first start, or founded now. */
async function openInstitution(
  config: GatewayConfig,
  deps: { readonly api: HubApi } & Pick<Parameters<typeof foundInstitution>[1], "caKey" | "keys" | "nowMs">,
): Promise<Institution> {
  const path = join(config.dataDir, "institution.json");
  if (existsSync(path)) {
    const json = expectOk(parseJson(readFileSync(path, "utf8")), "institution.json");
    return institutionFile.parse(json);
  }
  const consortiumId = await awaitConsortium(deps.api);
  if (config.bootstrapToken === undefined)
    throw new Error("CASEROOM_HUB_BOOTSTRAP_TOKEN is needed once, to found the institution");
  const founded = expectOk(
    await foundInstitution(deps.api, {
      ...deps,
      consortiumId,
      name: config.name,
      bootstrapToken: config.bootstrapToken,
    }),
    "founding the institution",
  );
  writeFileSync(`${path}.new`, JSON.stringify(founded), { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  return founded;
}

function equalText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
