import { err, type Failure, failure, ok, parseId32, type Result, type UserId } from "@caseroom/contract";
import { verify } from "otplib";
import type postgres from "postgres";
import { verifyPassword } from "./password.ts";

export type StaffMember = {
  readonly login: string;
  readonly staffId: string;
  readonly name: string;
  readonly role: string;
  readonly specialty: string | undefined;
  readonly passwordHash: string;
  readonly totpSecret: string;
};

export type StaffWithUser = StaffMember & { readonly userId: UserId | undefined };

export type StaffStore = {
  readonly add: (member: StaffMember) => Promise<boolean>;
  /** Password and one-time code, each good once. One failure for every reason. */
  readonly authenticate: (proof: {
    readonly login: string;
    readonly password: string;
    readonly code: string;
  }) => Promise<Result<StaffWithUser, Failure<"SIGN_IN_FAILED">>>;
  /** Everybody, by login. */
  readonly list: () => Promise<readonly StaffWithUser[]>;
  readonly bindUser: (login: string, userId: UserId) => Promise<void>;
};

const STEP_SECONDS = 30;

type Row = {
  readonly login: string;
  readonly staff_id: string;
  readonly name: string;
  readonly role: string;
  readonly specialty: string | null;
  readonly password_hash: string;
  readonly totp_secret: string;
  readonly user_id: string | null;
};

/** The people of this institution: how they prove who they are here. */
export function createStaffStore(sql: postgres.Sql, nowMs: () => number): StaffStore {
  return {
    add: async (member) => {
      const rows = await sql`
        INSERT INTO staff (login, staff_id, name, role, specialty, password_hash, totp_secret)
        VALUES (${member.login}, ${member.staffId}, ${member.name}, ${member.role}, ${member.specialty ?? null},
          ${member.passwordHash}, ${member.totpSecret})
        ON CONFLICT DO NOTHING RETURNING login`;
      return rows.length === 1;
    },
    authenticate: async ({ login, password, code }) => {
      const [row] = await sql<Row[]>`SELECT * FROM staff WHERE login = ${login}`;
      // A hash of nobody's password takes as long, so that the time does not tell who works here.
      const passwordHolds = await verifyPassword(password, row?.password_hash ?? NOBODY);
      if (row === undefined || !passwordHolds) return err(failure("SIGN_IN_FAILED"));
      const codeHolds = await verify({ secret: row.totp_secret, token: code, epochTolerance: STEP_SECONDS });
      if (!codeHolds.valid) return err(failure("SIGN_IN_FAILED"));
      const step = Math.floor(nowMs() / 1000 / STEP_SECONDS) + codeHolds.delta;
      const used =
        await sql`UPDATE staff SET totp_step = ${step} WHERE login = ${login} AND totp_step < ${step} RETURNING login`;
      if (used.length === 0) return err(failure("SIGN_IN_FAILED"));
      return ok(toMember(row));
    },
    list: async () => (await sql<Row[]>`SELECT * FROM staff ORDER BY login`).map(toMember),
    bindUser: async (login, userId) => {
      await sql`UPDATE staff SET user_id = ${userId} WHERE login = ${login}`;
    },
  };
}

const NOBODY = "scrypt$32768$8$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

function toMember(row: Row): StaffWithUser {
  return {
    login: row.login,
    staffId: row.staff_id,
    name: row.name,
    role: row.role,
    specialty: row.specialty ?? undefined,
    passwordHash: row.password_hash,
    totpSecret: row.totp_secret,
    userId: row.user_id === null ? undefined : parseId32<UserId>(row.user_id),
  };
}
