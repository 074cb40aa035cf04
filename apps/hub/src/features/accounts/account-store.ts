import { bytesToId32, type OrgId, type UserId } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import { fromColumn, toColumn } from "../../id-column.ts";

/** How a member of staff signs in and stands in the directory. */
export type Account = {
  readonly login: string;
  readonly orgId: OrgId;
  readonly passwordHash: string;
  readonly totpSecret: string;
  readonly staffId: string;
  readonly name: string;
  readonly role: string;
  readonly specialty: string | null;
  readonly userId: UserId | null;
};

export type AccountStore = {
  /** The account of a login, or any other one, so that an unknown login takes as long as a known one. */
  readonly findOrAny: (login: string) => Promise<{ readonly account: Account; readonly isTheirs: boolean } | undefined>;
  readonly list: () => Promise<readonly Omit<Account, "passwordHash" | "totpSecret">[]>;
  /** `taken` when the login is somebody else's. */
  readonly put: (account: Omit<Account, "userId">) => Promise<"created" | "renewed" | "taken">;
  /** Uses a one-time code up: false when it, or a later one, has been used before (RFC 6238 §5.2). */
  readonly spendStep: (login: string, step: number) => Promise<boolean>;
  readonly setUser: (login: string, userId: UserId) => Promise<void>;
};

type Row = {
  login: string;
  org_id: Uint8Array;
  password_hash: string;
  totp_secret: string;
  staff_id: string;
  name: string;
  role: string;
  specialty: string | null;
  user_id: Uint8Array | null;
};

export function createAccountStore(sql: Sql): AccountStore {
  return {
    findOrAny: async (login) => {
      const rows = await sql<(Row & { theirs: boolean })[]>`
        SELECT *, login = ${login} AS theirs FROM accounts
        WHERE login = ${login} OR login = (SELECT min(login) FROM accounts)
        ORDER BY login = ${login} DESC LIMIT 1`;
      const row = rows[0];
      return row === undefined ? undefined : { account: accountOf(row), isTheirs: row.theirs };
    },
    list: async () => {
      const rows = await sql<Row[]>`SELECT *, '' AS password_hash, '' AS totp_secret FROM accounts`;
      return rows.map(accountOf);
    },
    put: async (account) => {
      const org = toColumn(account.orgId);
      const [row] = await sql<{ is_new: boolean }[]>`
        INSERT INTO accounts AS a (login, org_id, password_hash, totp_secret, staff_id, name, role, specialty)
        VALUES (${account.login}, ${org}, ${account.passwordHash}, ${account.totpSecret}, ${account.staffId},
          ${account.name}, ${account.role}, ${account.specialty})
        ON CONFLICT (login) DO UPDATE
        SET password_hash = EXCLUDED.password_hash, name = EXCLUDED.name, role = EXCLUDED.role,
          specialty = EXCLUDED.specialty, totp_secret = EXCLUDED.totp_secret,
          totp_step = CASE WHEN a.totp_secret = EXCLUDED.totp_secret THEN a.totp_step ELSE 0 END
        WHERE a.org_id = EXCLUDED.org_id AND a.staff_id = EXCLUDED.staff_id
        RETURNING xmax = 0 AS is_new`;
      if (row === undefined) return "taken";
      return row.is_new ? "created" : "renewed";
    },
    spendStep: async (login, step) => {
      const rows = await sql`
        UPDATE accounts SET totp_step = ${step} WHERE login = ${login} AND totp_step < ${step} RETURNING 1`;
      return rows.length > 0;
    },
    setUser: async (login, userId) => {
      await sql`UPDATE accounts SET user_id = ${toColumn(userId)} WHERE login = ${login}`;
    },
  };
}

function accountOf(row: Row): Account {
  return {
    login: row.login,
    orgId: fromColumn(bytesToId32<OrgId>(row.org_id)),
    passwordHash: row.password_hash,
    totpSecret: row.totp_secret,
    staffId: row.staff_id,
    name: row.name,
    role: row.role,
    specialty: row.specialty,
    userId: row.user_id === null ? null : fromColumn(bytesToId32<UserId>(row.user_id)),
  };
}
