/** Roles in a compartment (protocol §5.1). admin and rotator read; a depositor writes into what it cannot read. */
export const ROLES = ["admin", "rotator", "writer", "reader", "depositor"] as const;
export type Role = (typeof ROLES)[number];

/** Kinds of entry that this version knows. An unknown kind is kept and shown as "newer" (phase-1 §3.11). */
export const ENTRY_KINDS = [
  "chat",
  "fhir",
  "manifest",
  "annot",
  "request",
  "chartlink",
  "edit",
  "retract",
  "snap",
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

export function parseRole(text: string | undefined): Role | undefined {
  return ROLES.find((role) => role === text);
}

export function mayRead(role: Role): boolean {
  return role !== "depositor";
}

/** Whether a role may append entries at all; the hub, which cannot see the kind, asks no more. */
export function mayAppend(role: Role): boolean {
  return role !== "reader";
}

/** Role → kind (phase-1 §2.20): a depositor deposits, and corrects what it deposited. */
export function mayWrite(role: Role, kind: string): boolean {
  if (role === "reader") return false;
  return role !== "depositor" || ["fhir", "manifest", "edit", "retract"].includes(kind);
}
