import { type Bytes, bytesToHex, idToBytes, type Kid, type UserId } from "@caseroom/contract";
import { aesGcmOpen, deriveKey, kemKeyFromSeed } from "@caseroom/crypto/secret";
import {
  AAD_LABELS,
  asArray,
  asBytes,
  type CborMap,
  type CborValue,
  decodeStrict,
  digestOf,
  encodeCbor,
  HASH_LABELS,
  HPKE_LABELS,
  isCborMap,
  KDF_LABELS,
  SIGNED_TYPES,
} from "@caseroom/crypto/verify";
import { readRecipients } from "./chain-fields.ts";
import type { Epoch } from "./epoch.ts";
import type { ParsedLink } from "./link.ts";
import type {
  AeadCase,
  ChainIdCase,
  CommitmentCase,
  HpkeCase,
  KdfCase,
  LinkCase,
  Signer,
  VectorFile,
} from "./vector-format-for-testing.ts";
import { toPlain } from "./vector-format-for-testing.ts";
import { known, type VectorWorld } from "./vector-world-for-testing.ts";
import { epochWrapInfo, openWrap, pukWrapInfo } from "./wrap.ts";
import { wrapHashesOf } from "./wrap-hashes.ts";

type Files = Record<string, VectorFile<unknown>>;

/** One file per op; a commit with and one without a new epoch count as two. */
export function linkFiles(world: VectorWorld): Files {
  const files = new Map<string, LinkCase[]>();
  for (const { link, at, batch } of world.accepted) {
    const kind = link.op === "commit" ? (link.body.has("ep") ? "-ep" : "-wa") : "";
    const name = `link-${link.ct}-${link.op.replace(".", "-")}${kind}`;
    const cases = files.get(name) ?? [];
    files.set(name, cases);
    const payload = payloadOf(link);
    cases.push({
      ...{ index: at.index, ts: at.ts, batch },
      externalAad: link.ct === "cons" && link.isGenesis ? "" : world.consortiumId,
      signers: link.signers.map((kid) => signerOf(world, kid)),
      payload: toPlain(payload),
      ...{ bytes: bytesToHex(link.bytes), hash: link.hash, chainId: link.chainId, wraps: wrapHashesOf(link) },
    });
  }
  const about = (name: string) => `The links of the world with the op ${name.slice("link-".length)}.`;
  return Object.fromEntries(
    [...files].map(([name, cases]) => [name, { about: about(name), labels: [SIGNED_TYPES.link], cases }]),
  );
}

/** A named key of the world. */
export function signerOf(world: VectorWorld, kid: Kid): Signer {
  const { seed, publicKey } = known(world.signingKeys.get(kid));
  return { seed: bytesToHex(seed), publicKey: bytesToHex(publicKey), kid };
}

function payloadOf(link: ParsedLink): CborMap {
  const payload = "many" in link.cose ? link.cose.many.payload : link.cose.one.payload;
  return asMap(decoded(payload));
}

/** Every PUK that was ever made, by user and generation. */
type Puks = Map<UserId, Bytes[]>;

/** Files about keys: what wraps hold, what is derived from it, what it seals. */
export async function keyFiles(world: VectorWorld): Promise<Files> {
  const { wrapPuk, history, puks } = await openPuks(world);
  const { wrapEpoch, epochs } = await openEpochs(world, puks);
  const pukContext = [...puks].flatMap(([userId, seeds]) =>
    seeds.map((secret, i) => ({ secret, context: idToBytes(userId), generation: i + 1 })),
  );
  const epochContext = epochs.map(({ secret, compId, e }) => ({ secret, context: idToBytes(compId), generation: e }));
  return {
    "kdf-puk-kem": kdfFile(KDF_LABELS.pukKem, await kdfCases(world, KDF_LABELS.pukKem, pukContext, true)),
    "kdf-puk-hist": kdfFile(KDF_LABELS.pukHistory, await kdfCases(world, KDF_LABELS.pukHistory, pukContext, false)),
    "kdf-epoch-hist": kdfFile(
      KDF_LABELS.epochHistory,
      await kdfCases(world, KDF_LABELS.epochHistory, epochContext, false),
    ),
    "kdf-epoch-obj": kdfFile(
      KDF_LABELS.epochObjects,
      await kdfCases(world, KDF_LABELS.epochObjects, epochContext, false),
    ),
    "kdf-epoch-inbox": kdfFile(KDF_LABELS.epochInbox, await kdfCases(world, KDF_LABELS.epochInbox, epochContext, true)),
    "hpke-wrap-puk": { about: "A PUK to a device.", labels: [HPKE_LABELS.wrapPuk], cases: wrapPuk },
    "hpke-wrap-epoch": { about: "An epoch's secret to a reader.", labels: [HPKE_LABELS.wrapEpoch], cases: wrapEpoch },
    "aad-puk-hist": { about: "PUK g−1 under PUK g.", labels: [AAD_LABELS.pukHistory], cases: history },
    "aad-hist": {
      about: "An earlier epoch's secret under a later one's.",
      labels: [AAD_LABELS.history],
      cases: await epochHistoryCases(world, epochs),
    },
    "hash-epoch-commit": {
      about: "HMAC-SHA-256 under the epoch's secret.",
      labels: [HASH_LABELS.epochCommitment],
      cases: epochs.map((epoch): CommitmentCase => {
        const state = known(world.directory.comp(world.compId)?.epochs.find((one) => one.e === epoch.e));
        const input: CborValue = [HASH_LABELS.epochCommitment, idToBytes(epoch.compId), epoch.e];
        return {
          secret: bytesToHex(epoch.secret),
          input: toPlain(input),
          commitment: bytesToHex(state.commitment),
        };
      }),
    },
    "hash-chain": {
      about: "Chain ids: SHA-256 of the label and the genesis link.",
      labels: [HASH_LABELS.chain],
      cases: world.accepted
        .filter(({ link }) => link.isGenesis && link.ct !== "user")
        .map(({ link }): ChainIdCase => ({ genesis: bytesToHex(link.bytes), chainId: link.chainId })),
    },
  };
}

export function kdfFile(label: string, cases: readonly KdfCase[]): VectorFile<KdfCase> {
  return { about: "HKDF-SHA-256 with empty salt, 32 bytes.", labels: [label], cases };
}

type KdfInput = { readonly secret: Bytes; readonly context: Bytes; readonly generation: number };

/** Cases of one KDF label; with `isKem` the output is an X-Wing private key. */
export function kdfCases(
  { consortiumId }: VectorWorld,
  label: (typeof KDF_LABELS)[keyof typeof KDF_LABELS],
  inputs: readonly KdfInput[],
  isKem: boolean,
): Promise<readonly KdfCase[]> {
  return Promise.all(
    inputs.map(async ({ secret, context, generation }) => {
      const okm = await deriveKey(secret, label, { consortiumId, context, generation });
      const info = encodeCbor([label, idToBytes(consortiumId), context, generation]);
      const publicKey = isKem ? { publicKey: bytesToHex((await kemKeyFromSeed(okm)).publicKey) } : {};
      const ids = { consortiumId, context: bytesToHex(context), generation };
      return { ikm: bytesToHex(secret), ...ids, info: bytesToHex(info), okm: bytesToHex(okm), ...publicKey };
    }),
  );
}

async function openPuks(world: VectorWorld) {
  const { consortiumId } = world;
  const wrapPuk: HpkeCase[] = [];
  const history: AeadCase[] = [];
  const puks: Puks = new Map();
  const newestKey = new Map<UserId, Bytes>();
  for (const { link } of world.accepted) {
    if (link.ct !== "user" || link.isGenesis) continue;
    const userId = known(world.directory.ownerOf(known(link.signers[0])));
    const seeds = puks.get(userId) ?? [];
    puks.set(userId, seeds);
    const { publicKey, wraps, sealed } = pukOf(link);
    const aad = known(publicKey ?? newestKey.get(userId));
    newestKey.set(userId, aad);
    const g = publicKey === undefined ? seeds.length : seeds.length + 1;
    for (const { device, hash } of wraps) {
      const info = pukWrapInfo({ consortiumId, userId, g, p: known(link.p ?? undefined), device });
      const recipientSeed = known(world.kemSeeds.get(device));
      const opened = await openWrapCase(world, { hash, recipientSeed, info, aad });
      wrapPuk.push(opened.vector);
      seeds[g - 1] = opened.secret;
    }
    if (sealed === undefined) continue;
    const context = { consortiumId, context: idToBytes(userId), generation: g };
    const key = await deriveKey(known(seeds[g - 1]), KDF_LABELS.pukHistory, context);
    history.push(aeadCase(key, [AAD_LABELS.pukHistory, idToBytes(userId), g], known(seeds[g - 2]), sealed));
  }
  return { wrapPuk, history, puks };
}

/** What a link of a user's chain says about a PUK; device.add hands out the present one and names no key. */
function pukOf(link: ParsedLink) {
  const puk = link.op === "device.revoke" ? asMap(link.body.get("puk")) : link.body;
  const pairs = link.op === "device.add" ? [known(puk.get("w"))] : known(asArray(puk.get("w")));
  const wraps = pairs.map((pair) => {
    const [kid, hash] = known(asArray(pair));
    return { device: hexId<Kid>(kid), hash: hexId<string>(hash) };
  });
  return { publicKey: asBytes(puk.get("pk")), wraps, sealed: asBytes(puk.get("hist")) };
}

async function openEpochs(world: VectorWorld, puks: Puks) {
  const { consortiumId, compId } = world;
  const wrapEpoch: HpkeCase[] = [];
  const epochs: Epoch[] = [];
  for (const { link } of world.accepted) {
    if (link.ct !== "comp" || link.p === null) continue;
    const ep = link.body.get("ep");
    const list = known(readRecipients(isCborMap(ep) ? ep.get("wl") : link.body.get("wa")));
    const e = isCborMap(ep) ? epochs.length + 1 : epochs.length;
    const { commitment } = known(world.directory.comp(compId)?.epochs.find((one) => one.e === e));
    for (const { userId, pukGen, wrap } of list) {
      const puk = known(puks.get(userId)?.[pukGen - 1]);
      const context = { consortiumId, context: idToBytes(userId), generation: pukGen };
      const recipientSeed = await deriveKey(puk, KDF_LABELS.pukKem, context);
      const signer = known(link.signers[0]);
      const info = epochWrapInfo({ consortiumId, compId, e, p: link.p, recipient: userId, pukGen, signer });
      const opened = await openWrapCase(world, { hash: wrap, recipientSeed, info, aad: commitment });
      wrapEpoch.push(opened.vector);
      if (epochs.length < e) epochs.push({ consortiumId, compId, e, secret: opened.secret });
    }
  }
  return { wrapEpoch, epochs };
}

async function epochHistoryCases(world: VectorWorld, epochs: readonly Epoch[]): Promise<readonly AeadCase[]> {
  const { consortiumId, compId } = world;
  const cases: AeadCase[] = [];
  for (const state of known(world.directory.comp(compId)).epochs) {
    const { history } = state;
    if (history === undefined) continue;
    const before = known(world.directory.comp(compId)?.epochs.find((one) => one.e === history.e));
    const context = { consortiumId, context: idToBytes(compId), generation: state.e };
    const key = await deriveKey(known(epochs[state.e - 1]).secret, KDF_LABELS.epochHistory, context);
    const aad: CborValue = [AAD_LABELS.history, idToBytes(compId), state.e, before.commitment];
    cases.push(aeadCase(key, aad, known(epochs[history.e - 1]).secret, history.sealed));
    known((await aesGcmOpen({ key, sealed: history.sealed, aad: encodeCbor(aad) })).ok || undefined);
  }
  return cases;
}

export function aeadCase(key: Bytes, aad: CborValue, plaintext: Bytes, sealed: Bytes): AeadCase {
  return {
    key: bytesToHex(key),
    nonce: bytesToHex(sealed.subarray(0, 12)),
    aad: toPlain(aad),
    plaintext: bytesToHex(plaintext),
    sealed: bytesToHex(sealed),
  };
}

async function openWrapCase(
  world: VectorWorld,
  input: { readonly hash: string; readonly recipientSeed: Bytes; readonly info: Bytes; readonly aad: Bytes },
): Promise<{ readonly vector: HpkeCase; readonly secret: Bytes }> {
  const wrap = known([...world.wraps.values()].find((one) => digestOf(one) === input.hash));
  const key = await kemKeyFromSeed(input.recipientSeed);
  const opened = await openWrap({ key, wrap, info: input.info, aad: input.aad });
  const secret = known(opened.ok ? opened.value : undefined);
  const [enc, ct] = known(asArray(decoded(wrap)));
  return {
    secret,
    vector: {
      recipientSeed: bytesToHex(input.recipientSeed),
      recipientPublicKey: bytesToHex(key.publicKey),
      info: toPlain(decoded(input.info)),
      aad: bytesToHex(input.aad),
      plaintext: bytesToHex(secret),
      enc: bytesToHex(known(asBytes(enc))),
      ct: bytesToHex(known(asBytes(ct))),
      hash: input.hash,
    },
  };
}

/** What strictly decodes. */
export function decoded(bytes: Uint8Array): CborValue {
  const value = decodeStrict(bytes);
  return known(value.ok ? value.value : undefined);
}

function asMap(value: CborValue | undefined): CborMap {
  return known(isCborMap(value) ? value : undefined);
}

function hexId<Id extends string>(value: CborValue | undefined): Id {
  return bytesToHex(known(asBytes(value, 32))) as Id;
}
