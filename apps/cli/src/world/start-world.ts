import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { orgIdField } from "@caseroom/contract";
import { z } from "zod";
import { type Command, EXIT, type Io } from "../command.ts";
import { type DemoPerson, openPeople } from "./demo-people.ts";
import { openOfficers } from "./found-consortium.ts";
import { awaitFile, awaitReady, createGatewayAdmin, readGatewayToken } from "./gateway-admin.ts";
import { seedWorld } from "./seed-world.ts";
import { createSupervisor, type Supervisor } from "./supervisor.ts";
import { type WorldFile, writeWorldFile } from "./world-file.ts";
import {
  INSTITUTIONS,
  type InstitutionId,
  openLayout,
  portsFrom,
  type WorldLayout,
  type WorldPorts,
} from "./world-layout.ts";

const REPOSITORY = new URL("../../../../", import.meta.url).pathname;
const START_MS = 90_000;
const DICOM_AET = "CASEROOM";
const institution = z.object({ orgId: orgIdField });

export const worldStartCommand: Command = {
  words: ["world", "start"],
  summary: "bring up a hub, three gateways and the web app with sample patients",
  help: [
    "Usage: caseroom world start",
    "",
    "Brings up the demo world and keeps it running until Ctrl+C. Starting again resumes where it was.",
    "",
    "  CASEROOM_DATA       folder of everything (default ./.caseroom)",
    "  CASEROOM_BASE_PORT  first port (default 8400): hub, gateways from +1, MLLP from +21, DICOM from +31, PostgreSQL from +40",
    "  CASEROOM_HUB_VIA    where the gateways reach the hub when something stands in between (default: the hub itself)",
    "",
    "When usable it prints one line that begins with `caseroom ready` and writes $CASEROOM_DATA/world.json.",
  ].join("\n"),
  run: (_args, io) => startWorld(io),
};

async function startWorld(io: Io): Promise<number> {
  const layout = openLayout(io.env.CASEROOM_DATA ?? ".caseroom");
  const base = Number(io.env.CASEROOM_BASE_PORT ?? "8400");
  if (!Number.isInteger(base) || base < 1024 || base > 65_000) {
    io.err("caseroom: CASEROOM_BASE_PORT must be a port from 1024 to 65000");
    return EXIT.usage;
  }
  const ports = portsFrom(base);
  const officers = openOfficers(layout.consortium);
  const people = openPeople(join(layout.consortium, "people.json"));
  const supervisor = createSupervisor({ logs: layout.logs, state: layout.root });
  const stopped = stopOnSignal(supervisor, io);
  try {
    io.out(`starting the hub (log: ${join(layout.logs, "hub.log")})`);
    const hubVia = io.env.CASEROOM_HUB_VIA;
    startHub(supervisor, { layout, ports, bootstrapToken: officers.bootstrapToken });
    const hubUrl = `http://localhost:${ports.hub}`;
    await awaitReady(hubUrl, START_MS);
    await officers.found(hubUrl);
    io.out("starting three gateways");
    for (const { id, name } of INSTITUTIONS)
      startGateway(supervisor, { id, name, layout, ports, hubVia, bootstrapToken: officers.bootstrapToken });
    for (const { id, name } of INSTITUTIONS) {
      const file = join(layout.gateway(id), "institution.json");
      await awaitFile(file, START_MS);
      await officers.admit(hubUrl, { orgId: institution.parse(JSON.parse(readFileSync(file, "utf8"))).orgId, name });
    }
    for (const { id } of INSTITUTIONS) await awaitReady(`http://localhost:${ports.gateway(id).http}`, START_MS);
    const admin = (id: InstitutionId) =>
      createGatewayAdmin(`http://localhost:${ports.gateway(id).http}`, readGatewayToken(layout.gateway(id)));
    await seedWorld({ layout, people, admin, say: io.out });
  } catch (error) {
    io.err(
      `caseroom: the world did not start: ${error instanceof Error ? error.message : "unknown"}\n          the logs are in ${layout.logs}`,
    );
    await supervisor.stop();
    return EXIT.failed;
  }
  const describe = () => writeWorldFile(layout.worldFile, describeWorld({ layout, ports, people, supervisor }));
  describe();
  supervisor.onRestart(describe);
  io.out(
    ["", ...INSTITUTIONS.map(({ id, name }) => `  ${name.padEnd(28)} http://localhost:${ports.gateway(id).http}`)].join(
      "\n",
    ),
  );
  const [, ...moved] = hubPaths(layout);
  if (moved.length > 0)
    io.out(`  ${layout.root} is closed to user postgres: the databases lie below ${dirname(dirname(moved[0] ?? ""))}`);
  io.out(`  people, passwords and one-time-code secrets: ${layout.worldFile}\n`);
  io.out(`caseroom ready http://localhost:${ports.gateway("chc").http} ${layout.worldFile}`);
  await stopped;
  return EXIT.ok;
}

function startHub(
  supervisor: Supervisor,
  input: { readonly layout: WorldLayout; readonly ports: WorldPorts; readonly bootstrapToken: string },
): void {
  const { layout, ports } = input;
  supervisor.start({
    name: "hub",
    script: join(REPOSITORY, "apps/hub/src/main.ts"),
    env: {
      CASEROOM_HUB_PORT: String(ports.hub),
      CASEROOM_HUB_URL: `http://localhost:${ports.hub}`,
      CASEROOM_HUB_DATA: layout.hub,
      CASEROOM_HUB_PG_PORT: String(ports.hubPostgres),
      CASEROOM_HUB_BOOTSTRAP_TOKEN: input.bootstrapToken,
      CASEROOM_HUB_ALLOWED_ORIGINS: INSTITUTIONS.map(({ id }) => `http://localhost:${ports.gateway(id).http}`).join(
        ",",
      ),
    },
  });
}

function startGateway(
  supervisor: Supervisor,
  input: {
    readonly id: InstitutionId;
    readonly name: string;
    readonly layout: WorldLayout;
    readonly ports: WorldPorts;
    readonly hubVia: string | undefined;
    readonly bootstrapToken: string;
  },
): void {
  const { id, layout, ports } = input;
  const own = ports.gateway(id);
  const webRoot = join(REPOSITORY, "apps/web/dist");
  supervisor.start({
    name: `gateway-${id}`,
    script: join(REPOSITORY, "apps/gateway/src/main.ts"),
    env: {
      CASEROOM_GATEWAY_ID: id,
      CASEROOM_GATEWAY_NAME: input.name,
      CASEROOM_GATEWAY_PORT: String(own.http),
      CASEROOM_GATEWAY_URL: `http://localhost:${own.http}`,
      CASEROOM_GATEWAY_DATA: layout.gateway(id),
      CASEROOM_GATEWAY_PG_PORT: String(own.postgres),
      CASEROOM_GATEWAY_MLLP_PORT: String(own.mllp),
      CASEROOM_GATEWAY_DICOM_PORT: String(own.dicom),
      CASEROOM_GATEWAY_DICOM_AET: DICOM_AET,
      CASEROOM_GATEWAY_DICOM_READERS: "*@127.0.0.1",
      CASEROOM_GATEWAY_DICOM_ISSUER: id.toUpperCase(),
      CASEROOM_HUB_URL: `http://localhost:${ports.hub}`,
      CASEROOM_HUB_BOOTSTRAP_TOKEN: input.bootstrapToken,
      CASEROOM_GATEWAY_ENROL: "auto",
      CASEROOM_GATEWAY_LINK_POLICY: "confirm",
      CASEROOM_GATEWAY_DEMO: "yes",
      ...(input.hubVia === undefined ? {} : { CASEROOM_HUB_VIA: input.hubVia }),
      ...(existsSync(join(webRoot, "index.html")) ? { CASEROOM_GATEWAY_WEB: webRoot } : {}),
    },
  });
}

function describeWorld(input: {
  readonly layout: WorldLayout;
  readonly ports: WorldPorts;
  readonly people: readonly DemoPerson[];
  readonly supervisor: Supervisor;
}): WorldFile {
  const { layout, ports, supervisor } = input;
  return {
    pid: process.pid,
    hub: { url: `http://localhost:${ports.hub}`, dataPaths: hubPaths(layout), pid: supervisor.pidOf("hub") ?? 0 },
    gateways: INSTITUTIONS.map(({ id, name }) => {
      const { http, mllp, dicom } = ports.gateway(id);
      return {
        id,
        name,
        url: `http://localhost:${http}`,
        pid: supervisor.pidOf(`gateway-${id}`) ?? 0,
        mllp: { host: "127.0.0.1", port: mllp },
        dicom: { host: "127.0.0.1", port: dicom, aet: DICOM_AET },
        fhir: `http://localhost:${http}/fhir`,
        dicomweb: `http://localhost:${http}/dicomweb`,
        token: readGatewayToken(layout.gateway(id)),
      };
    }),
    people: [...input.people],
    logs: layout.logs,
  };
}

/** Every folder with files of the hub: its database lies elsewhere when its own folder is closed to user `postgres`. */
function hubPaths(layout: WorldLayout): string[] {
  const file = join(layout.hub, "data-paths.json");
  const kept = existsSync(file) ? z.array(z.string()).safeParse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
  const outside = (kept?.success === true ? kept.data : []).filter((path) => !path.startsWith(layout.hub));
  return [layout.hub, ...outside];
}

/** Resolves when the world has been stopped in its order. */
function stopOnSignal(supervisor: Supervisor, io: Io): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = () => {
      if (isStopping) return;
      isStopping = true;
      io.out("stopping");
      supervisor.stop().then(resolve, () => resolve());
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
