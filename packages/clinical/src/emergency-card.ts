import type { Conflict, Fact, Gap, InstitutionShare, PatientFacts, Picture, Section } from "./picture.ts";
import { bleedingRisk } from "./substances/substance-table.ts";

/**
 * What matters for a patient who cannot speak, in the order in which it is asked. Plain data from the picture and nothing
 * else; a screen adds the time and who opened it. Empty is not none: every section says which.
 */
export type EmergencyCard = {
  readonly patient: PatientFacts | undefined;
  /** First, and with everything that contradicts them in `conflicts`. */
  readonly allergies: Section<Fact>;
  /** Taken now and known to make bleeding longer. A medicine whose substance is not known stands in `medications` only. */
  readonly anticoagulants: readonly Fact[];
  readonly antiplatelets: readonly Fact[];
  /** Taken now, and those whose status nobody said. */
  readonly medications: Section<Fact>;
  readonly devices: Section<Fact>;
  /** Active, and those whose status nobody said. */
  readonly problems: Section<Fact>;
  readonly directives: Section<Fact>;
  readonly alerts: Section<Fact>;
  /** Never a reason not to test. */
  readonly bloodGroups: Section<Fact>;
  readonly conflicts: readonly Conflict[];
  readonly gaps: readonly Gap[];
  readonly institutions: readonly InstitutionShare[];
};

const TAKEN = new Set(["active", "on-hold", "intended", "unknown"]);
const PRESENT = new Set(["active", "recurrence", "relapse", "unknown", "confirmed", "provisional", "differential"]);
const OVER = new Set(["inactive", "entered-in-error"]);

/** The card of a picture. Pure; costs what is on it. */
export function buildEmergencyCard(picture: Picture): EmergencyCard {
  const medications = only(picture.medications, ({ status }) => status === undefined || TAKEN.has(status));
  return {
    patient: picture.patient,
    allergies: picture.allergies,
    anticoagulants: medications.items.filter((fact) => hasRisk(fact, "anticoagulant")),
    antiplatelets: medications.items.filter((fact) => hasRisk(fact, "antiplatelet")),
    medications,
    devices: only(picture.devices, ({ status }) => status === undefined || !OVER.has(status)),
    problems: only(picture.problems, ({ status }) => status === undefined || PRESENT.has(status)),
    directives: picture.directives,
    alerts: only(picture.alerts, ({ status }) => status === undefined || !OVER.has(status)),
    bloodGroups: picture.bloodGroups,
    conflicts: picture.conflicts,
    gaps: picture.gaps,
    institutions: picture.institutions,
  };
}

/** A section of which some are left out stays `listed`: that a source listed others is something that it said. */
function only(section: Section<Fact>, isWanted: (fact: Fact) => boolean): Section<Fact> {
  return { ...section, items: section.items.filter(isWanted) };
}

function hasRisk({ substances }: Fact, risk: "anticoagulant" | "antiplatelet"): boolean {
  return substances.some((substance) => bleedingRisk(substance) === risk);
}
