import type { SignInForm, SignInOutcome } from "@caseroom/client";
import { createGatewayApi, createHubApi, type SignedInDevice, signIn } from "@caseroom/client";
import { browserHome } from "@caseroom/client/browser";
import { err, type Failure, failure, type GatewayConfig, ok, type Result, sessionsEnd } from "@caseroom/contract";
import type { EngineStatus } from "../engine/engine.ts";
import type { ChangeNotices } from "./change-notices.ts";
import { openSignedIn } from "./open-signed-in.ts";
import type { SignedIn } from "./signed-in.ts";
import { type Surroundings, sleep } from "./surroundings.ts";
import { leadOrFollow } from "./tab-leader.ts";

/** Who is signed in on this device, and what stands in the way when nobody is. Bearers live in memory only. */
export type SessionKeeper = {
  readonly status: () => EngineStatus;
  readonly signIn: (form: SignInForm) => Promise<Result<SignInOutcome, Failure>>;
  readonly signOut: () => Promise<void>;
  readonly current: () => SignedIn | undefined;
};

const CONFIG_RETRY_MS = 2000;

export function createSessionKeeper(surroundings: Surroundings, notices: ChangeNotices): SessionKeeper {
  const { nowMs, random } = surroundings;
  const gateway = createGatewayApi(surroundings);
  let isLeader: boolean | undefined;
  let config: GatewayConfig | undefined;
  let isReached = true;
  let awaited: Exclude<SignInOutcome, { readonly status: "ready" }> | undefined;
  let signedIn: SignedIn | undefined;
  /** Counts sign-ins and sign-outs: what an earlier one was waiting for is not wanted any more. */
  let turn = 0;

  const tellStatus = () => notices.tell({ type: "status" });
  const tellAll = () => {
    for (const type of ["status", "cases", "device-requests", "alarms"] as const) notices.tell({ type });
  };

  const loadConfig = async () => {
    for (;;) {
      const loaded = await gateway.config();
      isReached = loaded.ok;
      if (loaded.ok) config = loaded.value;
      tellStatus();
      if (loaded.ok) return;
      await sleep(CONFIG_RETRY_MS);
    }
  };
  loadConfig().catch(reportError);
  leadOrFollow(surroundings.locks, (leads) => {
    isLeader = leads;
    tellStatus();
  });

  const hubApi = (hubUrl: string) => {
    let token: string | undefined;
    const api = createHubApi({ baseUrl: hubUrl, fetch: surroundings.fetch, token: () => token });
    const setToken = (next: string) => {
      token = next;
    };
    return { api, setToken };
  };

  const close = async () => {
    turn += 1;
    awaited = undefined;
    const closing = signedIn;
    signedIn = undefined;
    tellAll();
    await closing?.close();
  };

  const open = async (hub: ReturnType<typeof hubApi>, anchors: GatewayConfig, device: SignedInDevice, mine: number) => {
    hub.setToken(device.session.token);
    const opened = await openSignedIn({
      config: anchors,
      device,
      api: hub.api,
      staff: gateway.asStaff({
        userId: device.account.userId,
        signing: device.keys.signing,
        consortiumId: anchors.consortiumId,
      }),
      notices,
      nowMs,
      random,
      onSessionOver: () => {
        if (mine === turn) close().catch(reportError);
      },
    });
    if (mine !== turn) return opened.close();
    awaited = undefined;
    signedIn = opened;
    tellAll();
  };

  return {
    current: () => signedIn,
    status: () => {
      const general = { institution: config?.gateway.name ?? "", isDemo: config?.demo ?? false };
      const pairingCode = awaited?.status === "approve-elsewhere" ? awaited.pairingCode : undefined;
      const connection = isReached ? ("online" as const) : ("offline" as const);
      const nobody = { ...general, me: undefined, pairingCode, progress: 0, connection };
      if (isLeader === undefined) return { ...nobody, phase: "starting" };
      if (!isLeader) return { ...nobody, phase: "follower" };
      if (signedIn !== undefined) return { ...general, pairingCode: undefined, ...signedIn.condition() };
      if (awaited !== undefined) return { ...nobody, phase: "awaiting-approval" };
      return { ...nobody, phase: config === undefined ? "starting" : "signed-out" };
    },
    signIn: async (form) => {
      if (isLeader !== true) return err(failure("LOCKED"));
      if (config === undefined) return err(failure("OFFLINE"));
      await close();
      const mine = turn;
      const anchors = config;
      const hub = hubApi(anchors.hubUrl);
      const attempt = await signIn({ api: hub.api, gateway, config: anchors, home: browserHome, nowMs, random }, form);
      if (!attempt.ok) return attempt;
      const { outcome, device } = attempt.value;
      const settle = async () => {
        const enrolled = await device(() => mine === turn);
        if (enrolled !== undefined && mine === turn) return open(hub, anchors, enrolled, mine);
        if (mine === turn) await close();
      };
      if (outcome.status === "ready") await settle();
      else {
        awaited = outcome;
        settle().catch(reportError);
      }
      tellStatus();
      return ok(outcome);
    },
    signOut: async () => {
      const ended = signedIn?.api.call(sessionsEnd, {});
      await close();
      await ended;
    },
  };
}
