/** The token of an Authorization header (RFC 6750). */
export function bearerOf(header: string | undefined): string | undefined {
  return header?.startsWith("Bearer ") === true ? header.slice(7) : undefined;
}
