/** What one may do with resources of a type: create, read, update, delete, search (SMART App Launch 2.2, scopes for resources). */
export const PERMISSIONS = ["c", "r", "u", "d", "s"] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** `system/Observation.rs`, taken apart; `type` is a resource type or `*`. */
export type SystemScope = { readonly type: string; readonly permissions: ReadonlySet<Permission> };

const SCOPE = /^system\/(\*|[A-Z][A-Za-z]{1,63})\.(read|write|\*|c?r?u?d?s?)$/;
const VERSION_1 = new Map([
  ["read", "rs"],
  ["write", "cud"],
  ["*", "cruds"],
]);

/** A system scope of SMART 2.2, or of version 1; letters out of order are none. */
export function parseSystemScope(text: string): SystemScope | undefined {
  const match = SCOPE.exec(text);
  const letters = match?.[2] === undefined ? "" : (VERSION_1.get(match[2]) ?? match[2]);
  if (match?.[1] === undefined || letters === "") return undefined;
  return { type: match[1], permissions: new Set(PERMISSIONS.filter((one) => letters.includes(one))) };
}

/** The system scopes in a list that blanks separate; others are left out. */
export function parseScopes(text: string): readonly SystemScope[] {
  return text.split(/\s+/).flatMap((one) => parseSystemScope(one) ?? []);
}

export function allows(scopes: readonly SystemScope[], type: string, permission: Permission): boolean {
  return scopes.some((scope) => (scope.type === "*" || scope.type === type) && scope.permissions.has(permission));
}

/** What was asked for, as far as it was granted: never more than either. */
export function intersectScopes(asked: readonly SystemScope[], granted: readonly SystemScope[]): string {
  const texts = asked.flatMap((one) =>
    granted.flatMap((other) => {
      const type = one.type === "*" ? other.type : other.type === "*" || other.type === one.type ? one.type : undefined;
      const letters = PERMISSIONS.filter((letter) => one.permissions.has(letter) && other.permissions.has(letter));
      return type === undefined || letters.length === 0 ? [] : [`system/${type}.${letters.join("")}`];
    }),
  );
  return [...new Set(texts)].join(" ");
}
