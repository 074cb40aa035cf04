import {
  type Bytes,
  bytesToId32,
  type CompId,
  type ConsortiumId,
  equalBytes,
  err,
  type Failure,
  failure,
  idToBytes,
  type Kid,
  type OrgId,
  ok,
  type Result,
  type SpaceId,
  type UserId,
} from "@caseroom/contract";
import {
  asBytes,
  asCount,
  asText,
  type CborMap,
  type CborValue,
  decodeStrict,
  encodeCbor,
  isCborMap,
  parseSign1,
  SIGNED_TYPES,
  type SignedType,
  verifySign1,
} from "@caseroom/crypto/verify";

/** Short statements outside any chain: a sign-in, a hub's receipt, an institution's enrolment ticket. */

type StatementFailure = Failure<"COSE_INVALID" | "SIGNATURE_INVALID" | "CBOR_INVALID" | "TOO_LARGE">;

export type SessionStatement = { readonly challenge: Bytes; readonly audience: string; readonly kid: Kid };
export type Receipt = { readonly spaceId: SpaceId; readonly compId: CompId; readonly n: number; readonly head: Bytes };
export type Ticket = { readonly userId: UserId; readonly orgId: OrgId; readonly staffId: string; readonly exp: number };

/** A device signs the hub's challenge for exactly this audience; the caller looks up whose kid it is. */
export async function verifySessionStatement(
  bytes: Uint8Array,
  input: {
    readonly challenge: Bytes;
    readonly audience: string;
    readonly consortiumId: ConsortiumId;
    readonly publicKeyOf: (kid: Kid) => Bytes | undefined;
  },
): Promise<Result<Kid, StatementFailure | Failure<"DEVICE_NOT_ENROLLED">>> {
  const parsed = parseSign1(bytes);
  if (!parsed.ok) return parsed;
  const publicKey = input.publicKeyOf(parsed.value.kid);
  if (publicKey === undefined) return err(failure("DEVICE_NOT_ENROLLED"));
  const body = await openStatement(bytes, SIGNED_TYPES.session, publicKey, input.consortiumId);
  if (!body.ok) return body;
  const challenge = asBytes(body.value.get("challenge"), 32);
  const matches =
    challenge !== undefined &&
    equalBytes(challenge, input.challenge) &&
    asText(body.value.get("audience"), 256) === input.audience &&
    equalBytes(asBytes(body.value.get("kid"), 32) ?? new Uint8Array(0), idToBytes(parsed.value.kid));
  return matches ? ok(parsed.value.kid) : err(failure("SIGNATURE_INVALID", "an answer to another challenge"));
}

export async function verifyReceipt(
  bytes: Uint8Array,
  logKey: Bytes,
  consortiumId: ConsortiumId,
): Promise<Result<Receipt, StatementFailure>> {
  const body = await openStatement(bytes, SIGNED_TYPES.receipt, logKey, consortiumId);
  if (!body.ok) return body;
  const spaceId = readId<SpaceId>(body.value.get("space"));
  const compId = readId<CompId>(body.value.get("comp"));
  const n = asCount(body.value.get("n"));
  const head = asBytes(body.value.get("head"), 32);
  if (spaceId === undefined || compId === undefined || n === undefined || head === undefined)
    return err(failure("CBOR_INVALID"));
  return ok({ spaceId, compId, n, head });
}

/** A ticket is signed by a CA key of the institution that it names; the caller compares user and time. */
export async function verifyTicket(
  bytes: Uint8Array,
  input: {
    readonly consortiumId: ConsortiumId;
    readonly caKeyOf: (kid: Kid) => { readonly orgId: OrgId; readonly publicKey: Bytes } | undefined;
    readonly nowMs: number;
  },
): Promise<Result<Ticket, StatementFailure | Failure<"ENROLMENT_REFUSED">>> {
  const parsed = parseSign1(bytes);
  if (!parsed.ok) return parsed;
  const ca = input.caKeyOf(parsed.value.kid);
  if (ca === undefined) return err(failure("ENROLMENT_REFUSED"));
  const body = await openStatement(bytes, SIGNED_TYPES.ticket, ca.publicKey, input.consortiumId);
  if (!body.ok) return body;
  const userId = readId<UserId>(body.value.get("user"));
  const orgId = readId<OrgId>(body.value.get("org"));
  const staffId = asText(body.value.get("staff"), 64);
  const exp = asCount(body.value.get("exp"));
  if (userId === undefined || orgId === undefined || staffId === undefined || exp === undefined)
    return err(failure("CBOR_INVALID"));
  if (orgId !== ca.orgId || exp <= input.nowMs) return err(failure("ENROLMENT_REFUSED"));
  return ok({ userId, orgId, staffId, exp });
}

export function encodeSessionStatement(statement: SessionStatement): Bytes {
  return encodeStatement([
    ["challenge", statement.challenge],
    ["audience", statement.audience],
    ["kid", idToBytes(statement.kid)],
  ]);
}

export function encodeReceipt(receipt: Receipt): Bytes {
  return encodeStatement([
    ["space", idToBytes(receipt.spaceId)],
    ["comp", idToBytes(receipt.compId)],
    ["n", receipt.n],
    ["head", receipt.head],
  ]);
}

export function encodeTicket(ticket: Ticket): Bytes {
  return encodeStatement([
    ["user", idToBytes(ticket.userId)],
    ["org", idToBytes(ticket.orgId)],
    ["staff", ticket.staffId],
    ["exp", ticket.exp],
  ]);
}

function encodeStatement(fields: readonly (readonly [string, CborValue])[]): Bytes {
  return encodeCbor(new Map<string, CborValue>([["v", 1], ...fields]));
}

async function openStatement(
  bytes: Uint8Array,
  typ: SignedType,
  publicKey: Bytes,
  consortiumId: ConsortiumId,
): Promise<Result<CborMap, StatementFailure>> {
  const parsed = parseSign1(bytes);
  if (!parsed.ok) return parsed;
  const payload = await verifySign1({ parsed: parsed.value, typ, publicKey, aad: idToBytes(consortiumId) });
  if (!payload.ok) return payload;
  const decoded = decodeStrict(payload.value, { maxBytes: 4096 });
  if (!decoded.ok) return decoded;
  return isCborMap(decoded.value) && decoded.value.get("v") === 1 ? ok(decoded.value) : err(failure("CBOR_INVALID"));
}

function readId<Id extends SpaceId | CompId | UserId | OrgId>(value: CborValue | undefined): Id | undefined {
  const bytes = asBytes(value, 32);
  return bytes === undefined ? undefined : bytesToId32<Id>(bytes);
}
