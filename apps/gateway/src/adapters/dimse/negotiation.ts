import { EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from "@caseroom/dicom";
import type { AnsweredContext, AssociateRequest, ProposedContext, Roles } from "./association.ts";
import { COMMAND } from "./command-set.ts";
import type { QueryRoot, SopClassSyntax } from "./services.ts";

const VERIFICATION = "1.2.840.10008.1.1";
/** Storage service class: every class of instances that the standard and manufacturers name lies below one of these. */
const STORAGE = /^1\.2\.840\.10008\.5\.1\.4\.(1\.1|34|43|44|45)\.|^1\.3\.|^1\.2\.(?!840\.10008\.)/;
/** PS3.4 §C.6. */
const QUERY = new Map<string, QueryService>([
  ["1.2.840.10008.5.1.4.1.2.1.1", { root: "patient", command: COMMAND.findRequest }],
  ["1.2.840.10008.5.1.4.1.2.1.3", { root: "patient", command: COMMAND.getRequest }],
  ["1.2.840.10008.5.1.4.1.2.2.1", { root: "study", command: COMMAND.findRequest }],
  ["1.2.840.10008.5.1.4.1.2.2.3", { root: "study", command: COMMAND.getRequest }],
]);

type QueryService = { readonly root: QueryRoot; readonly command: number };

/** The information model of a class of query or retrieve, and the command that it is for. */
export function queryService(abstractSyntax: string): QueryService | undefined {
  return QUERY.get(abstractSyntax);
}

export function isStorage(abstractSyntax: string): boolean {
  return STORAGE.test(abstractSyntax);
}

/**
 * What of a request is granted. Images in every transfer syntax as it is, since nothing is decoded here: of what the peer proposes for one
 * class the first, and for images that it wants sent the first in which there are any.
 */
export async function negotiate(
  { contexts, roles }: AssociateRequest,
  policy: {
    readonly mayRead: boolean;
    readonly held: (pairs: readonly SopClassSyntax[]) => Promise<readonly SopClassSyntax[]>;
  },
): Promise<{ readonly contexts: readonly AnsweredContext[]; readonly roles: ReadonlyMap<string, Roles> }> {
  const isWanted = (sopClass: string) => policy.mayRead && roles.get(sopClass)?.isProvider === true;
  const pairs = contexts.flatMap(({ abstractSyntax: sopClass, transferSyntaxes }) =>
    isWanted(sopClass) ? transferSyntaxes.map((transferSyntax) => ({ sopClass, transferSyntax })) : [],
  );
  const held = pairs.length === 0 ? [] : await policy.held(pairs);
  const isHeld = (sopClass: string, transferSyntax: string) =>
    held.some((one) => one.sopClass === sopClass && one.transferSyntax === transferSyntax);
  const granted = [...roles].filter(([uid]) => isStorage(uid));
  return {
    contexts: contexts.map((context) => answer(context, policy.mayRead, isHeld)),
    roles: new Map(granted.map(([uid, { isUser }]) => [uid, { isUser, isProvider: isWanted(uid) }])),
  };
}

function answer(
  { id, abstractSyntax, transferSyntaxes }: ProposedContext,
  mayRead: boolean,
  isHeld: (sopClass: string, transferSyntax: string) => boolean,
): AnsweredContext {
  const refused = (result: 1 | 3 | 4) => ({ id, abstractSyntax, result, transferSyntax: IMPLICIT_LITTLE_ENDIAN });
  const accepted = (transferSyntax: string | undefined) =>
    transferSyntax === undefined ? refused(4) : { id, abstractSyntax, result: 0 as const, transferSyntax };
  if (isStorage(abstractSyntax))
    return accepted(transferSyntaxes.find((one) => isHeld(abstractSyntax, one)) ?? transferSyntaxes[0]);
  if (abstractSyntax === VERIFICATION) return accepted(plainest(transferSyntaxes));
  if (!QUERY.has(abstractSyntax)) return refused(3);
  return mayRead ? accepted(plainest(transferSyntaxes)) : refused(1);
}

function plainest(transferSyntaxes: readonly string[]): string | undefined {
  return [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN].find((one) => transferSyntaxes.includes(one));
}
