/**
 * Tiers of compartments. To the hub a tier is an opaque number (protocol §10); only members know what it stands for.
 * A chart holds `emergency`, `clinical`, `audit` and, on demand, departments and sensitive kinds; a case holds `room`,
 * `decision` and `audit`.
 */
export const TIERS = {
  emergency: 1,
  clinical: 2,
  chartAudit: 3,
  department: 100,
  sensitive: 200,
  room: 11,
  decision: 12,
  caseAudit: 13,
} as const;

export type TierName = keyof typeof TIERS;

/** The name of a tier number, or `undefined` for one that this version does not know. */
export function tierName(tier: number): TierName | undefined {
  if (tier >= 200 && tier < 300) return "sensitive";
  if (tier >= 100 && tier < 200) return "department";
  for (const [name, value] of Object.entries(TIERS)) if (value === tier) return name as TierName;
  return undefined;
}
