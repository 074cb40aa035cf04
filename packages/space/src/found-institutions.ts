import { type Bytes, type ConsortiumId, idToBytes, type OrgId, type UserId } from "@caseroom/contract";
import type { SigningKey } from "@caseroom/crypto/sign";
import type { CborValue } from "@caseroom/crypto/verify";
import type { ConsState, OrgState } from "./chain-state.ts";
import type { ParsedLink } from "./link.ts";
import { NOTHING_SEEN, signLink } from "./link-sign.ts";

/** Links of consortium and institutions. They are signed by roots and CAs, whose keys lie apart from any device. */

type When = { readonly nowMs: number };

/** cons/genesis: the roots, how many of them must sign, and the log that counts. */
export function signConsortiumGenesis(
  input: {
    readonly rootKeys: readonly SigningKey[];
    readonly k: number;
    readonly log: { readonly origin: string; readonly logKey: Bytes; readonly cosignKey: Bytes };
  } & When,
): Promise<ParsedLink> {
  const { log } = input;
  const body = new Map<string, CborValue>([
    ["rootKeys", input.rootKeys.map((key) => key.publicKey)],
    ["k", input.k],
    ["origin", log.origin],
    ["logKey", log.logKey],
    ["cosignKey", log.cosignKey],
    [
      "suite",
      new Map<string, CborValue>([
        ["min", 1],
        ["allowed", [1]],
        ["level", 1],
      ]),
    ],
  ]);
  const draft = { ct: "cons", head: undefined, op: "genesis", body, cp: null, nowMs: input.nowMs } as const;
  return signLink(draft, input.rootKeys, undefined);
}

/** cons/org.admit */
export function signOrgAdmission(
  input: {
    readonly consortium: ConsState;
    readonly rootKeys: readonly SigningKey[];
    readonly orgId: OrgId;
    readonly name: string;
  } & When,
): Promise<ParsedLink> {
  const { consortium } = input;
  const body = new Map<string, CborValue>([
    ["org", idToBytes(input.orgId)],
    ["name", input.name],
  ]);
  const head = { chainId: consortium.id, n: consortium.head.n, hash: consortium.head.hash };
  return signLink(
    { ct: "cons", head, op: "org.admit", body, cp: NOTHING_SEEN, nowMs: input.nowMs },
    input.rootKeys,
    consortium.id,
  );
}

/** org/genesis */
export function signOrgGenesis(
  input: { readonly consortiumId: ConsortiumId; readonly caKey: SigningKey } & When,
): Promise<ParsedLink> {
  const body = new Map<string, CborValue>([["caKeys", [input.caKey.publicKey]]]);
  const draft = { ct: "org", head: undefined, op: "genesis", body, cp: NOTHING_SEEN, nowMs: input.nowMs } as const;
  return signLink(draft, [input.caKey], input.consortiumId);
}

export type OrgStatement =
  | {
      readonly op: "cred.issue";
      readonly userId: UserId;
      readonly staffId: string;
      readonly name: string;
      readonly role: string;
    }
  | { readonly op: "cred.revoke"; readonly userId: UserId }
  | { readonly op: "gw.add"; readonly userId: UserId; readonly name: string }
  | { readonly op: "gw.revoke"; readonly userId: UserId };

/** org/cred.issue, cred.revoke, gw.add, gw.revoke */
export function signOrgStatement(
  input: {
    readonly consortiumId: ConsortiumId;
    readonly caKey: SigningKey;
    readonly org: OrgState;
    readonly statement: OrgStatement;
  } & When,
): Promise<ParsedLink> {
  const { org, statement } = input;
  const body = new Map<string, CborValue>([["user", idToBytes(statement.userId)]]);
  if (statement.op === "cred.issue")
    body.set("staff", statement.staffId).set("name", statement.name).set("role", statement.role);
  if (statement.op === "gw.add") body.set("name", statement.name);
  const head = { chainId: org.id, n: org.head.n, hash: org.head.hash };
  const draft = { ct: "org", head, op: statement.op, body, cp: NOTHING_SEEN, nowMs: input.nowMs } as const;
  return signLink(draft, [input.caKey], input.consortiumId);
}
