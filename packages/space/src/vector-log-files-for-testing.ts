import { type Bytes, bytesToHex, hexToBytes, utf8ToBytes } from "@caseroom/contract";
import { signCheckpoint } from "@caseroom/crypto/sign";
import {
  appendLeaf,
  consistencyProof,
  edgeRoot,
  emptyEdge,
  encodeEdge,
  encodeLogLeaf,
  feedLeafHash,
  HASH_LABELS,
  inclusionProof,
  type LogLeaf,
  leafHash,
  NO_HEAD,
  newNodes,
  SIGNED_TYPES,
} from "@caseroom/crypto/verify";
import { pairingCode } from "./pairing-code.ts";
import { signReceipt, signSession, signTicket } from "./statements-sign.ts";
import { decoded, signerOf } from "./vector-chain-files-for-testing.ts";
import type {
  CheckpointCase,
  FeedCase,
  LeafCase,
  PairingCase,
  ProofCase,
  SignedCase,
  VectorFile,
} from "./vector-format-for-testing.ts";
import { toPlain } from "./vector-format-for-testing.ts";
import { signedCase } from "./vector-object-files-for-testing.ts";
import { known, seedOf, type VectorWorld } from "./vector-world-for-testing.ts";

type Files = Record<string, VectorFile<unknown>>;

/** Files about the log, the feeds, and short statements. */
export async function logFiles(world: VectorWorld): Promise<Files> {
  const leaves = logLeaves(world);
  const proofs = await proofCase(leaves.map(encodeLogLeaf));
  return {
    "feed-head": { about: "The head of a feed after each item.", labels: [], cases: feedCases() },
    "log-leaf": { about: "Lines of the log.", labels: [], cases: leaves.map(leafCase) },
    "log-proof": { about: "An inclusion and a consistency proof.", labels: [], cases: [proofs] },
    "log-checkpoint": { about: "A signed note with both lines.", labels: [], cases: [await checkpointCase(world)] },
    ...(await statementFiles(world)),
    "hash-pair": {
      about: "The code that a person compares when a further device is added.",
      labels: [HASH_LABELS.pairing],
      cases: [pairing(world)],
    },
  };
}

function feedCases(): readonly FeedCase[] {
  let edge = emptyEdge;
  return Array.from({ length: 7 }, (_, i) => {
    const kind = i === 0 || i === 4 ? "link" : "entry";
    const bytes = utf8ToBytes(`${kind} at position ${i}`);
    const leaf = feedLeafHash(kind, bytes);
    edge = appendLeaf(edge, leaf);
    const head = { n: edge.size, root: bytesToHex(edgeRoot(edge)), edge: bytesToHex(encodeEdge(edge)) };
    return { kind, bytes: bytesToHex(bytes), leaf: bytesToHex(leaf), ...head };
  });
}

/** The leaves that a hub would have issued for the first links of the world. */
function logLeaves(world: VectorWorld): readonly LogLeaf[] {
  const links = world.accepted.slice(0, 7).map(
    ({ link, at }): LogLeaf => ({
      type: "link",
      streamId: link.chainId,
      nPrev: link.n,
      headPrev: link.p ?? NO_HEAD,
      n: link.n + 1,
      head: link.hash,
      ts: at.ts,
    }),
  );
  const head = known(feedCases().at(-1));
  const feed = { type: "feed", streamId: world.compId, nPrev: 0, headPrev: NO_HEAD, n: head.n } as const;
  return [...links, { ...feed, head: head.root as LogLeaf["head"], ts: world.nowMs() }];
}

function leafCase(leaf: LogLeaf): LeafCase {
  const bytes = encodeLogLeaf(leaf);
  return { leaf: toPlain(decoded(bytes)), bytes: bytesToHex(bytes), leafHash: bytesToHex(leafHash(bytes)) };
}

async function proofCase(leaves: readonly Bytes[]): Promise<ProofCase> {
  const nodes = new Map<string, Bytes>();
  let edge = emptyEdge;
  for (const leaf of leaves) {
    for (const { level, index, hash } of newNodes(edge, leafHash(leaf))) nodes.set(`${level}/${index}`, hash);
    edge = appendLeaf(edge, leafHash(leaf));
  }
  const read = (level: number, index: number): Bytes => known(nodes.get(`${level}/${index}`));
  const hexes = (proof: readonly Bytes[]) => proof.map((hash) => bytesToHex(hash));
  return {
    leaves: hexes(leaves),
    inclusion: { index: 3, size: 7, proof: hexes(await inclusionProof(3, 7, read)) },
    consistency: { size1: 3, size2: 8, proof: hexes(await consistencyProof(3, 8, read)) },
  };
}

async function checkpointCase(world: VectorWorld): Promise<CheckpointCase> {
  const { logKey, cosignKey, origin } = world;
  let edge = emptyEdge;
  for (const leaf of logLeaves(world)) edge = appendLeaf(edge, leafHash(encodeLogLeaf(leaf)));
  const timeMs = world.nowMs();
  const checkpoint = { origin, size: edge.size, root: edgeRoot(edge) };
  return {
    ...{ origin, size: edge.size, root: bytesToHex(checkpoint.root) },
    logKey: signerOf(world, logKey.kid),
    cosignKey: signerOf(world, cosignKey.kid),
    timeMs,
    note: await signCheckpoint(checkpoint, { logKey, cosignKey }, timeMs),
  };
}

async function statementFiles(world: VectorWorld): Promise<Files> {
  const { consortiumId, wong, logKey, caKey, spaceId, compId, orgId, phone, possession } = world;
  const head = known(feedCases().at(-1));
  const { signing } = wong.device;
  const challenge = seedOf("challenge");
  const session = await signSession({ key: signing, consortiumId }, { challenge, audience: "hub.test" });
  const receipt = await signReceipt(
    { key: logKey, consortiumId },
    { spaceId, compId, n: head.n, head: known(hexToBytes(head.root)) },
  );
  const ticket = await signTicket(
    { key: caKey, consortiumId },
    { userId: wong.userId, orgId, staffId: "staff-wong", exp: world.nowMs() + 600_000 },
  );
  const file = (about: string, label: string, signed: SignedCase): VectorFile<SignedCase> => ({
    about,
    labels: [label],
    cases: [signed],
  });
  return {
    "signed-dev-pop": file(
      "Proof that a further device holds its signing key.",
      SIGNED_TYPES.devicePossession,
      signedCase(world, possession, phone.signing.kid),
    ),
    "signed-session": file(
      "A device's answer to a challenge.",
      SIGNED_TYPES.session,
      signedCase(world, session, signing.kid),
    ),
    "signed-receipt": file("The hub's receipt.", SIGNED_TYPES.receipt, signedCase(world, receipt, logKey.kid)),
    "signed-ticket": file("An institution's ticket.", SIGNED_TYPES.ticket, signedCase(world, ticket, caKey.kid)),
  };
}

function pairing({ wong, phone }: VectorWorld): PairingCase {
  const { publicKey: signingKey } = phone.signing;
  const kemKey = phone.kemPublicKey;
  const code = pairingCode({ userId: wong.userId, signingKey, kemKey });
  return { userId: wong.userId, signingKey: bytesToHex(signingKey), kemKey: bytesToHex(kemKey), code };
}
