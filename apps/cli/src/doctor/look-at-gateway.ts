import { connect } from "node:net";
import { gatewayConfig } from "@caseroom/contract";
import { z } from "zod";
import { createGatewayAdmin } from "../world/gateway-admin.ts";
import type { WorldFile } from "../world/world-file.ts";
import { type Finding, fine, wrong } from "./findings.ts";

const PORT_MS = 3000;
const delivery = z.object({ accepted: z.number().default(0), quarantined: z.number().default(0) });

type GatewayEntry = WorldFile["gateways"][number];

/** Whether a gateway serves its people and takes what its systems send. */
export async function lookAtGateway(gateway: GatewayEntry, hubUrl: string): Promise<readonly Finding[]> {
  const about = `gateway ${gateway.id}`;
  const admin = createGatewayAdmin(gateway.url, gateway.token);
  const ready = await admin.get("/readyz");
  if (!ready.ok && ready.error.code === "OFFLINE")
    return [wrong(about, `does not answer at ${gateway.url}`, "see that its process runs; its log says why it ended")];
  if (!ready.ok) return [wrong(about, "its database does not answer", "see disk space and the log of its PostgreSQL")];
  const findings: Finding[] = [fine(about, "answers, and its database does")];
  const config = gatewayConfig.safeParse(await answerOf(admin.get("/config.json")));
  if (!config.success)
    findings.push(wrong(about, "its config.json cannot be read", "it runs another version than this command"));
  else if (config.data.hubUrl !== hubUrl)
    findings.push(
      wrong(about, `it sends browsers to ${config.data.hubUrl}`, "set CASEROOM_HUB_URL to the hub's public address"),
    );
  const counts = delivery.safeParse(await answerOf(admin.get("/admin/delivery")));
  if (!counts.success) findings.push(wrong(about, "its token is refused", "take the token of its own keys/api.token"));
  else if (counts.data.accepted > 0)
    findings.push(
      wrong(
        about,
        `${counts.data.accepted} messages wait to be handed to the hub`,
        "look again in a minute; when they stay, see its log for what the hub refuses",
      ),
    );
  else findings.push(fine(about, "everything that was acknowledged is at the hub"));
  const page = await fetch(gateway.url).then(
    (response) => response.status,
    () => 0,
  );
  findings.push(
    page === 200
      ? fine(about, "serves the web app")
      : wrong(about, "serves no web app", "build it (npm start does) and set CASEROOM_GATEWAY_WEB to apps/web/dist"),
  );
  for (const [name, { host, port }] of [
    ["HL7 (MLLP)", gateway.mllp],
    ["DICOM", gateway.dicom],
  ] as const)
    findings.push(
      (await isOpen(host, port))
        ? fine(about, `takes ${name} at ${host}:${port}`)
        : wrong(
            about,
            `nobody listens for ${name} at ${host}:${port}`,
            "see its log: the port may be taken by another program",
          ),
    );
  return findings;
}

async function answerOf(reply: ReturnType<ReturnType<typeof createGatewayAdmin>["get"]>): Promise<unknown> {
  const result = await reply;
  return result.ok ? result.value : undefined;
}

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PORT_MS });
    const settle = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(false));
    socket.once("error", () => settle(false));
  });
}
