import type { SpaceId } from "@caseroom/contract";

/** Whether the page's address names a case at all. Whether that case exists, the engine says. */
export function isSpaceId(text: string): text is SpaceId {
  return /^[0-9a-f]{64}$/.test(text);
}
