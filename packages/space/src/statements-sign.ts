import { type Bytes, type ConsortiumId, idToBytes } from "@caseroom/contract";
import { type SigningKey, sign1 } from "@caseroom/crypto/sign";
import { SIGNED_TYPES } from "@caseroom/crypto/verify";
import {
  encodeReceipt,
  encodeSessionStatement,
  encodeTicket,
  type Receipt,
  type SessionStatement,
  type Ticket,
} from "./statements.ts";

type Signing = { readonly key: SigningKey; readonly consortiumId: ConsortiumId };

export function signSession({ key, consortiumId }: Signing, statement: Omit<SessionStatement, "kid">): Promise<Bytes> {
  const payload = encodeSessionStatement({ ...statement, kid: key.kid });
  return sign1({ typ: SIGNED_TYPES.session, key, payload, aad: idToBytes(consortiumId) });
}

export function signReceipt({ key, consortiumId }: Signing, receipt: Receipt): Promise<Bytes> {
  return sign1({ typ: SIGNED_TYPES.receipt, key, payload: encodeReceipt(receipt), aad: idToBytes(consortiumId) });
}

export function signTicket({ key, consortiumId }: Signing, ticket: Ticket): Promise<Bytes> {
  return sign1({ typ: SIGNED_TYPES.ticket, key, payload: encodeTicket(ticket), aad: idToBytes(consortiumId) });
}
