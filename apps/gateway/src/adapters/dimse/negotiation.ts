import { EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from "@caseroom/dicom";
import type { AnsweredContext, AssociateRequest, ProposedContext, Roles } from "./association.ts";

const VERIFICATION = "1.2.840.10008.1.1";
/** Storage service class: every class of instances that the standard and manufacturers name lies below one of these. */
const STORAGE = /^1\.2\.840\.10008\.5\.1\.4\.(1\.1|34|43|44|45)\.|^1\.3\.|^1\.2\.(?!840\.10008\.)/;

/** What of a request is granted: of images every proposed transfer syntax as it is, since nothing is decoded here. */
export function negotiate({ contexts, roles }: AssociateRequest): {
  readonly contexts: readonly AnsweredContext[];
  readonly roles: ReadonlyMap<string, Roles>;
} {
  const granted = [...roles].filter(([uid]) => STORAGE.test(uid));
  return {
    contexts: contexts.map(answer),
    roles: new Map(granted.map(([uid, { isUser }]) => [uid, { isUser, isProvider: false }])),
  };
}

function answer({ id, abstractSyntax, transferSyntaxes }: ProposedContext): AnsweredContext {
  const refused = (result: 1 | 3 | 4) => ({ id, abstractSyntax, result, transferSyntax: IMPLICIT_LITTLE_ENDIAN });
  const accepted = (transferSyntax: string | undefined) =>
    transferSyntax === undefined ? refused(4) : { id, abstractSyntax, result: 0 as const, transferSyntax };
  if (STORAGE.test(abstractSyntax)) return accepted(transferSyntaxes[0]);
  if (abstractSyntax === VERIFICATION) return accepted(plainest(transferSyntaxes));
  return refused(3);
}

function plainest(transferSyntaxes: readonly string[]): string | undefined {
  return [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN].find((one) => transferSyntaxes.includes(one));
}
