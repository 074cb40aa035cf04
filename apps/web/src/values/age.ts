/** Whole years from a FHIR date (`YYYY`, `YYYY-MM` or `YYYY-MM-DD`) to a day; `undefined` when the date is none or lies ahead. */
export function ageInYears(birthDate: string | undefined, today: Date): number | undefined {
  const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(birthDate ?? "");
  if (parts?.[1] === undefined) return undefined;
  // A part that is not known counts as the earliest: an age may be said one too high, never one too low by guessing a late birthday.
  const month = Number(parts[2] ?? "1");
  const day = Number(parts[3] ?? "1");
  const hadBirthday = today.getMonth() + 1 > month || (today.getMonth() + 1 === month && today.getDate() >= day);
  const years = today.getFullYear() - Number(parts[1]) - (hadBirthday ? 0 : 1);
  return years < 0 || years > 150 ? undefined : years;
}
