import { type Bytes, type Digest, STREAM_PATH, STREAM_PROTOCOL } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Metrics } from "../../http/metrics.ts";
import { sendProblem } from "../../http/problem.ts";
import type { Notice, Notices } from "../../notices.ts";
import type { ChainMemory } from "../links/chain-memory.ts";
import { hashToken, type SessionStore } from "../sessions/session-store.ts";
import type { Access } from "../spaces/access.ts";
import { createFollower, type Follower, feedFrame, fitsOneFrame } from "./follower.ts";

export type StreamDeps = {
  readonly sql: Sql;
  readonly access: Access;
  readonly chains: ChainMemory;
  readonly sessions: SessionStore;
  readonly notices: Notices;
  readonly metrics: Metrics;
};

/** Application close code: the session is over. */
const CLOSE_SESSION = 4401;
const RECHECK_MS = 15_000;
const TOKEN_PROTOCOL = /(?:^|,)\s*bearer\.([A-Za-z0-9_-]{1,128})\s*(?:,|$)/;

/**
 * The stream: one WebSocket per device for all its spaces. Browsers cannot set headers on a WebSocket, so the bearer comes as a
 * subprotocol beside `caseroom.v1`; it is never in a URL, where logs would keep it.
 */
export function registerStream(app: FastifyInstance, deps: StreamDeps): void {
  const followers = new Set<Follower>();
  const onError = (error: unknown): void => app.log.error({ err: error }, "the stream failed");
  deps.metrics.gauge("caseroom_stream_sockets", "Connected sockets.", () => followers.size);
  deps.metrics.gauge("caseroom_stream_buffered_bytes", "Bytes that wait for slow sockets.", () =>
    [...followers].reduce((sum, follower) => sum + follower.buffered(), 0),
  );
  deps.notices.subscribe((notice) => spread(notice, followers, deps));

  const recheck = setInterval(() => {
    for (const follower of followers) if (!deps.sessions.recheck(follower.session).ok) follower.close(CLOSE_SESSION);
  }, RECHECK_MS);
  recheck.unref();
  app.addHook("onClose", async () => clearInterval(recheck));

  app.route({
    method: "GET",
    url: STREAM_PATH,
    websocket: true,
    onRequest: async (request, reply) => {
      const session = deps.sessions.check(readTokenHash(request));
      if (!session.ok) await sendProblem(reply, session.error);
    },
    handler: (socket, request) => {
      const session = deps.sessions.check(readTokenHash(request));
      if (!session.ok) return socket.close(CLOSE_SESSION);
      const follower = createFollower(socket, session.value, { ...deps, onError });
      followers.add(follower);
      socket.on("close", () => followers.delete(follower));
    },
  });
}

/** What the server answers to the client's list: the protocol, never the token. */
export function chooseProtocol(offered: ReadonlySet<string>): string | false {
  return offered.has(STREAM_PROTOCOL) ? STREAM_PROTOCOL : false;
}

function readTokenHash(request: FastifyRequest): Digest | undefined {
  const token = TOKEN_PROTOCOL.exec(request.headers["sec-websocket-protocol"] ?? "")?.[1];
  return token === undefined ? undefined : hashToken(token);
}

function spread(notice: Notice, followers: ReadonlySet<Follower>, deps: StreamDeps): void {
  if (notice.type === "chain") {
    spreadChain(notice, followers, deps);
    return;
  }
  const tell = messageOf(notice);
  for (const follower of followers) tell(follower);
}

/** What a notice means for one socket. */
function messageOf(notice: Exclude<Notice, { type: "chain" }>): (follower: Follower) => void {
  switch (notice.type) {
    case "feed": {
      const { compId, items } = notice;
      let made: Bytes | undefined;
      const frame = (): Bytes | undefined => {
        if (fitsOneFrame(items)) made ??= feedFrame(compId, items);
        return made;
      };
      return (follower) => follower.onFeed(compId, items, frame);
    }
    case "space": {
      const { users, spaceId } = notice;
      return (follower) => users.includes(follower.session.userId) && follower.send({ type: "space", spaceId });
    }
    case "leaves": {
      const { compId, n } = notice;
      return (follower) => follower.isFollowing(compId) && follower.send({ type: "leaves", compId, n });
    }
    case "mark": {
      const { compId, kid, mark } = notice;
      return (follower) =>
        follower.isFollowing(compId) &&
        follower.session.kid !== kid &&
        follower.send({ type: "mark", compId, kid }, [mark]);
    }
    case "device-request":
      return (follower) => follower.session.userId === notice.userId && follower.send({ type: "device-request" });
    case "session-ended":
      return (follower) => follower.session.tokenHash === notice.tokenHash && follower.close(CLOSE_SESSION);
  }
}

/** A new link: rights may have ended with it, so they are checked first; then whoever may see the chain hears of it. */
function spreadChain(
  { chainId, ct, n }: Extract<Notice, { type: "chain" }>,
  followers: ReadonlySet<Follower>,
  { access, chains, sessions }: StreamDeps,
): void {
  const state = chains.chain(chainId);
  for (const follower of followers) {
    if (!sessions.recheck(follower.session).ok) {
      follower.close(CLOSE_SESSION);
      continue;
    }
    follower.checkRights(state?.ct === "comp" ? state.id : undefined);
    const { userId } = follower.session;
    const maySee =
      state?.ct === "comp"
        ? access.member(state.id, userId).ok
        : state?.ct !== "space" || access.space(state.id, userId);
    if (maySee) follower.send({ type: "chain", chainId, ct, n });
  }
}
