import {
  type Bytes,
  bytesToId32,
  type ChainId,
  type CompId,
  type Digest,
  err,
  type Failure,
  failure,
  type Kid,
  ok,
  type Result,
  toBytes,
  utf8ToBytes,
} from "@caseroom/contract";
import {
  asArray,
  asBytes,
  asCount,
  asText,
  type CborMap,
  type CborValue,
  decodeStrict,
  digestOf,
  HASH_LABELS,
  isCborMap,
  type ParsedSign,
  type ParsedSign1,
  parseSign,
  parseSign1,
  sha256Parts,
} from "@caseroom/crypto/verify";

export const CHAIN_TYPES = ["cons", "org", "user", "space", "comp"] as const;
export type ChainType = (typeof CHAIN_TYPES)[number];

/** The newest checkpoint that a signer had accepted: evidence about the hub, never an input of a rule (phase-1 §2.13). */
export type CheckpointRef = { readonly size: number; readonly root: Bytes };

/** One signed statement of a control chain (protocol §4). Its signature is not verified yet; see applyLink. */
export type ParsedLink = {
  readonly bytes: Bytes;
  readonly hash: Digest;
  readonly ct: ChainType;
  /** The chain it belongs to; of a genesis, the id that it founds. */
  readonly chainId: ChainId;
  readonly isGenesis: boolean;
  readonly n: number;
  readonly p: Digest | null;
  readonly cp: CheckpointRef | null;
  readonly op: string;
  readonly body: CborMap;
  readonly signers: readonly Kid[];
  readonly cose: { readonly many: ParsedSign } | { readonly one: ParsedSign1 };
};

export type LinkFailure = Failure<"CBOR_INVALID" | "COSE_INVALID" | "TOO_LARGE" | "LINK_INVALID" | "UPDATE_REQUIRED">;

export const LINK_VERSION = 1;
export const SUITE = 1;
export const MAX_LINK_BYTES = 262_144;
const KEYS = new Set(["v", "s", "ct", "cid", "n", "p", "t", "cp", "op", "b", "sh"]);

/** chainId = SHA-256("cr1/chain" ‖ genesis link): it certifies itself (protocol §3.5). */
export function chainIdOf(genesis: Uint8Array): ChainId {
  const id = bytesToId32<CompId>(sha256Parts(utf8ToBytes(HASH_LABELS.chain), genesis));
  if (id === undefined) throw new RangeError("SHA-256 has 32 bytes");
  return id;
}

/** Types a link. Consortium and institution links are COSE_Sign, all others COSE_Sign1 (phase-1 §2.24). */
export function parseLink(bytes: Uint8Array): Result<ParsedLink, LinkFailure> {
  if (bytes.length > MAX_LINK_BYTES) return err(failure("TOO_LARGE"));
  const cose = parseCose(bytes);
  if (!cose.ok) return cose;
  const payload = "many" in cose.value ? cose.value.many.payload : cose.value.one.payload;
  const decoded = decodeStrict(payload, { maxBytes: MAX_LINK_BYTES });
  if (!decoded.ok) return decoded;
  const map = decoded.value;
  if (!isCborMap(map)) return err(failure("LINK_INVALID"));
  if (asCount(map.get("v")) !== LINK_VERSION || asCount(map.get("s")) !== SUITE) return err(failure("UPDATE_REQUIRED"));
  if ([...map.keys()].some((key) => typeof key !== "string" || !KEYS.has(key))) return err(failure("UPDATE_REQUIRED"));
  return readFields(toBytes(bytes), map, cose.value);
}

function readFields(bytes: Bytes, map: CborMap, cose: ParsedLink["cose"]): Result<ParsedLink, LinkFailure> {
  const ct = CHAIN_TYPES.find((type) => type === map.get("ct"));
  const n = asCount(map.get("n"));
  const op = asText(map.get("op"), 64);
  const body = map.get("b");
  const p = readNullableId(map.get("p"));
  const cid = readNullableId(map.get("cid"));
  const cp = readCheckpointRef(map.get("cp"));
  if (ct === undefined || n === undefined || op === undefined || !isCborMap(body)) return err(failure("LINK_INVALID"));
  if (p === undefined || cid === undefined || cp === undefined || asCount(map.get("t")) === undefined) {
    return err(failure("LINK_INVALID"));
  }
  const isGenesis = n === 0;
  if (isGenesis !== (p === null) || isGenesis !== (cid === null) || isGenesis !== (op === "genesis")) {
    return err(failure("LINK_INVALID", "a genesis is the first link and has no predecessor"));
  }
  const isMany = ct === "cons" || ct === "org";
  if (isMany !== "many" in cose) return err(failure("COSE_INVALID", "another kind of signature than this chain has"));
  return ok({
    bytes,
    hash: digestOf(bytes),
    ct,
    chainId: cid === null ? chainIdOf(bytes) : cid.chain,
    isGenesis,
    n,
    p: p === null ? null : p.digest,
    cp,
    op,
    body,
    signers: "many" in cose ? cose.many.signers.map((signer) => signer.kid) : [cose.one.kid],
    cose,
  });
}

/** COSE_Sign ends in an array of signers, COSE_Sign1 in a signature. */
function parseCose(bytes: Uint8Array): Result<ParsedLink["cose"], Failure<"COSE_INVALID">> {
  const one = parseSign1(bytes);
  if (one.ok) return ok({ one: one.value });
  const many = parseSign(bytes);
  return many.ok ? ok({ many: many.value }) : many;
}

/** [size, root], or null; `undefined` when it is neither. */
export function readCheckpointRef(value: CborValue | undefined): CheckpointRef | null | undefined {
  if (value === null) return null;
  const parts = asArray(value);
  const size = asCount(parts?.[0]);
  const root = asBytes(parts?.[1], 32);
  return parts?.length === 2 && size !== undefined && root !== undefined ? { size, root } : undefined;
}

function readNullableId(
  value: CborValue | undefined,
): { readonly chain: ChainId; readonly digest: Digest } | null | undefined {
  if (value === null) return null;
  const bytes = asBytes(value, 32);
  if (bytes === undefined) return undefined;
  const chain = bytesToId32<CompId>(bytes);
  const digest = bytesToId32<Digest>(bytes);
  return chain === undefined || digest === undefined ? undefined : { chain, digest };
}
