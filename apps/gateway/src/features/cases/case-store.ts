import type { CasePatient, RequestEntry } from "@caseroom/client";
import type { EntryId, OrgId, SpaceId, UserId } from "@caseroom/contract";
import { parseId32 } from "@caseroom/contract";
import type postgres from "postgres";
import { z } from "zod";

export type CaseFile = { readonly spaceId: SpaceId; readonly name: string; readonly patient: CasePatient };
export type Invite = {
  readonly entryId: EntryId;
  readonly spaceId: SpaceId;
  readonly orgId: OrgId;
  readonly staffId: string;
  readonly name: string;
  readonly role: string;
  readonly needsAnswer: boolean;
  readonly invitedBy: UserId;
  readonly atMs: number;
  readonly state: "open" | "accepted" | "declined" | "joined";
};

const patientField = z.object({
  name: z.string(),
  birthDate: z.string().optional(),
  sex: z.string().optional(),
  identifiers: z.array(z.object({ system: z.string(), value: z.string() })),
});
const inviteRow = z.object({
  entry_id: z.string(),
  space_id: z.string(),
  org_id: z.string(),
  staff_id: z.string(),
  name: z.string(),
  role: z.string(),
  needs_answer: z.boolean(),
  invited_by: z.string(),
  at_ms: z.coerce.number(),
  state: z.enum(["open", "accepted", "declined", "joined"]),
});

/** What the requests of the cases have said; written by whoever opens them, read by the policy. */
export type CaseStore = {
  readonly keepCase: (file: CaseFile) => Promise<void>;
  readonly cases: () => Promise<readonly CaseFile[]>;
  readonly keepInvite: (
    request: Extract<RequestEntry, { readonly type: "invite" }>,
    at: { readonly entryId: EntryId; readonly spaceId: SpaceId; readonly author: UserId; readonly atMs: number },
  ) => Promise<void>;
  readonly answer: (entryId: EntryId, state: "accepted" | "declined" | "joined") => Promise<void>;
  readonly invite: (entryId: EntryId) => Promise<Invite | undefined>;
  readonly invitesOf: (spaceId: SpaceId) => Promise<readonly Invite[]>;
  readonly openInvitesFor: (orgId: OrgId, staffId: string) => Promise<readonly Invite[]>;
};

export function createCaseStore(sql: postgres.Sql): CaseStore {
  const readInvites = (rows: readonly unknown[]) => rows.flatMap((row) => readInvite(row) ?? []);
  return {
    keepCase: async ({ spaceId, name, patient }) => {
      await sql`
        INSERT INTO case_file (space_id, name, patient) VALUES (${spaceId}, ${name}, ${JSON.stringify(patient)}::text::jsonb)
        ON CONFLICT (space_id) DO UPDATE SET name = EXCLUDED.name, patient = EXCLUDED.patient`;
    },
    cases: async () => {
      const rows = await sql`SELECT space_id, name, patient FROM case_file`;
      return rows.flatMap((row) => {
        const spaceId = parseId32<SpaceId>(String(row.space_id));
        const patient = patientField.safeParse(row.patient);
        if (spaceId === undefined || !patient.success) return [];
        const { name, birthDate, sex, identifiers } = patient.data;
        return [{ spaceId, name: String(row.name), patient: { name, birthDate, sex, identifiers } }];
      });
    },
    keepInvite: async (request, { entryId, spaceId, author, atMs }) => {
      await sql`
        INSERT INTO invite (entry_id, space_id, org_id, staff_id, name, role, needs_answer, invited_by, at_ms, state)
        VALUES (${entryId}, ${spaceId}, ${request.orgId}, ${request.staffId}, ${request.name}, ${request.role}, ${request.accept},
          ${author}, ${atMs}, 'open')
        ON CONFLICT DO NOTHING`;
    },
    answer: async (entryId, state) => {
      await sql`UPDATE invite SET state = ${state} WHERE entry_id = ${entryId} AND state <> 'joined'`;
    },
    invite: async (entryId) => readInvites(await sql`SELECT * FROM invite WHERE entry_id = ${entryId}`)[0],
    invitesOf: async (spaceId) =>
      readInvites(await sql`SELECT * FROM invite WHERE space_id = ${spaceId} ORDER BY at_ms`),
    openInvitesFor: async (orgId, staffId) =>
      readInvites(
        await sql`SELECT * FROM invite WHERE org_id = ${orgId} AND staff_id = ${staffId} AND state = 'open' AND needs_answer ORDER BY at_ms DESC`,
      ),
  };
}

function readInvite(row: unknown): Invite | undefined {
  const parsed = inviteRow.safeParse(row);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const entryId = parseId32<EntryId>(data.entry_id);
  const spaceId = parseId32<SpaceId>(data.space_id);
  const orgId = parseId32<OrgId>(data.org_id);
  const invitedBy = parseId32<UserId>(data.invited_by);
  if (entryId === undefined || spaceId === undefined || orgId === undefined || invitedBy === undefined)
    return undefined;
  return {
    entryId,
    spaceId,
    orgId,
    staffId: data.staff_id,
    name: data.name,
    role: data.role,
    needsAnswer: data.needs_answer,
    invitedBy,
    atMs: data.at_ms,
    state: data.state,
  };
}
