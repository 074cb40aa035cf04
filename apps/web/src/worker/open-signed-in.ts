import type { SignedInDevice, StaffApi } from "@caseroom/client";
import {
  type ClientEvent,
  caseRules,
  createCaseIndex,
  createClient,
  type HubApi,
  openNameBook,
} from "@caseroom/client";
import { browserHome } from "@caseroom/client/browser";
import { type CompId, expectOk, type GatewayConfig, type SpaceId, spacesList, TIERS } from "@caseroom/contract";
import { credentialsAt, presentMoment } from "@caseroom/space/verify";
import type { EngineStatus, Me } from "../engine/engine.ts";
import type { ChangeNotices } from "./change-notices.ts";
import { listenToClient } from "./client-listener.ts";
import { createDeliveryIndex } from "./delivery.ts";
import { createImagingIndex } from "./imaging-index.ts";
import { createImageMarks } from "./imaging-marks.ts";
import { createDeskAtGateway } from "./institution-desk.ts";
import { createInvitationWatch } from "./invitation-watch.ts";
import { createMarkSender } from "./mark-sender.ts";
import { createRecordIndex } from "./record-index.ts";
import { createSentMessages } from "./sent-messages.ts";
import type { SignedIn } from "./signed-in.ts";
import type { Surroundings } from "./surroundings.ts";

type Deps = Pick<Surroundings, "nowMs" | "random"> & {
  readonly config: GatewayConfig;
  readonly device: SignedInDevice;
  readonly api: HubApi;
  readonly staff: StaffApi;
  readonly notices: ChangeNotices;
  /** The hub knows this session no longer. */
  readonly onSessionOver: () => void;
};

/** Opens the kept store and brings it up to date in the background; what is there already can be asked for at once. */
export async function openSignedIn(deps: Deps): Promise<SignedIn> {
  const { config, device, api, nowMs, random, notices } = deps;
  const me = device.account.userId;
  const store = expectOk(await browserHome.openStore(me), "the store of this browser");
  const client = await createClient({
    api,
    store,
    keys: device.keys,
    userId: me,
    consortiumId: config.consortiumId,
    token: () => device.session.token,
    openSocket: (url, protocols) => new WebSocket(url, protocols),
    nowMs,
    random,
    openedEntries: "memory",
  });
  const { directory } = client;
  const delivery = createDeliveryIndex();
  const removedRooms = new Set<CompId>();
  let connection: EngineStatus["connection"] = "connecting";
  let isOpened = false;
  let feedTotal = 0;

  const names = () => openNameBook(directory, nowMs());
  const room = (spaceId: SpaceId) =>
    directory
      .space(spaceId)
      ?.comps.flatMap((compId) => directory.comp(compId) ?? [])
      .find((comp) => comp.tier === TIERS.room);
  const marks = createMarkSender({
    client,
    position: (compId) => ({
      delivered: client.compartment(compId)?.nextN() ?? 0,
      read: delivery.positions(compId).get(me)?.read ?? 0,
    }),
  });

  const progress = () => {
    const opened = client.spaces().flatMap(({ comps }) => comps.map((comp) => comp.nextN()));
    const done = opened.reduce((sum, n) => sum + n, 0);
    return feedTotal === 0 ? 0 : Math.min(1, done / feedTotal);
  };
  const whoAmI = (): Me => {
    const { name, role, institution } = names()(me);
    return {
      userId: me,
      name: name === "" ? device.account.name : name,
      role,
      institution: institution === "" ? config.gateway.name : institution,
    };
  };
  const phase = (): EngineStatus["phase"] => {
    if (!isOpened) return "syncing";
    // Nobody vouches for this person yet: an officer of the institution has to.
    return credentialsAt(directory, me, presentMoment(nowMs())).length > 0 ? "ready" : "awaiting-approval";
  };

  const signedIn: SignedIn = {
    me,
    config,
    device,
    api,
    client,
    staff: deps.staff,
    cases: createCaseIndex(caseRules(directory)),
    records: createRecordIndex({
      institutionOf: (author) => {
        const { orgId, institution } = names()(author);
        return { id: orgId ?? "", name: institution };
      },
    }),
    imaging: createImagingIndex(),
    imageMarks: createImageMarks({
      me,
      outbox: client.outbox,
      authorOf: (userId) => names()(userId),
      nowMs,
      onChange: (compId) => {
        const spaceId = directory.comp(compId)?.spaceId;
        if (spaceId !== undefined) notices.tell({ type: "marks", spaceId });
      },
    }),
    delivery,
    sent: createSentMessages({
      client,
      nowMs,
      onChange: (compId) => {
        const spaceId = directory.comp(compId)?.spaceId;
        if (spaceId !== undefined) notices.tell({ type: "room", spaceId });
      },
    }),
    marks,
    invitations: createInvitationWatch({ staff: deps.staff, onChange: () => notices.tell({ type: "cases" }) }),
    desk: createDeskAtGateway({ staff: deps.staff, onChange: () => notices.tell({ type: "tasks" }) }),
    names,
    room,
    caseIds: () =>
      client
        .spaces()
        .map(({ spaceId }) => spaceId)
        .filter((spaceId) => directory.space(spaceId)?.kind === "case" && room(spaceId) !== undefined),
    isRemoved: (spaceId) => {
      const comp = room(spaceId);
      return comp !== undefined && (removedRooms.has(comp.id) || !comp.members.has(me));
    },
    condition: () => ({ phase: phase(), connection, progress: isOpened ? 1 : progress(), me: whoAmI() }),
    close: async () => {
      clearTimeout(expiry);
      signedIn.invitations.stop();
      signedIn.desk.stop();
      marks.stop();
      stopListening();
      await client.stop();
      await store.close();
    },
  };

  const probeSession = async () => {
    const reply = await api.call(spacesList, {});
    const isOver = !reply.ok && ["SESSION_EXPIRED", "SESSION_REQUIRED", "DEVICE_REVOKED"].includes(reply.error.code);
    if (isOver) deps.onSessionOver();
  };
  const onConnection = (state: EngineStatus["connection"]) => {
    connection = state;
    if (state === "online") marks.repeat();
    if (state === "offline") probeSession().catch(reportError);
  };
  const hear = listenToClient({ signedIn, notices, removedRooms, onConnection });
  const stopListening = client.subscribe((event: ClientEvent) => {
    hear(event);
    if (!isOpened) notices.tell({ type: "status" });
  });
  const expiry = setTimeout(deps.onSessionOver, Math.min(device.session.expiresMs - nowMs(), 2 ** 31 - 1));

  const open = async () => {
    const listed = await api.call(spacesList, {});
    const comps = listed.ok ? listed.value.head.spaces.flatMap((space) => space.comps) : [];
    feedTotal = comps.reduce((sum, { feedN }) => sum + feedN, 0);
    // When the hub cannot be reached, what is kept is there all the same, and the client goes on trying.
    await client.start();
    isOpened = true;
    marks.begin();
    notices.tell({ type: "status" });
    notices.tell({ type: "cases" });
  };
  open().catch(reportError);
  return signedIn;
}
