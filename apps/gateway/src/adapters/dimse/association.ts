import { type Bytes, concatBytes } from "@caseroom/contract";
import { IMPLEMENTATION_CLASS, IMPLEMENTATION_VERSION, isUid } from "@caseroom/dicom";

/** One thing that a peer wants to do, and the ways in which it can write it (PS3.8 §9.3.2.2). */
export type ProposedContext = {
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
};
/** Which sides the peer wants to take in a service (PS3.7 annex D.3.3.4). */
export type Roles = { readonly isUser: boolean; readonly isProvider: boolean };

export type AssociateRequest = {
  readonly calledAet: string;
  readonly callingAet: string;
  readonly applicationContext: string;
  readonly contexts: readonly ProposedContext[];
  /** What the peer takes as one PDU; 0 is any. */
  readonly maxPduBytes: number;
  readonly roles: ReadonlyMap<string, Roles>;
};

export type AnsweredContext = {
  readonly id: number;
  readonly abstractSyntax: string;
  /** 0 accepted, 1 refused to this peer, 3 no such service here, 4 none of its transfer syntaxes (PS3.8 table 9-18). */
  readonly result: 0 | 1 | 3 | 4;
  readonly transferSyntax: string;
};

export const APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1";

const FIXED = 68;
const ITEM = {
  applicationContext: 0x10,
  proposed: 0x20,
  answered: 0x21,
  abstractSyntax: 0x30,
  transferSyntax: 0x40,
  userInformation: 0x50,
  maxLength: 0x51,
  implementationClass: 0x52,
  roles: 0x54,
  implementationVersion: 0x55,
} as const;

type Item = { readonly type: number; readonly value: Bytes };

/** The body of an A-ASSOCIATE-RQ (PS3.8 §9.3.2); `undefined` when it is none. Items that nobody here knows are passed over. */
export function readAssociateRequest(body: Bytes): AssociateRequest | undefined {
  if (body.length < FIXED) return undefined;
  const items = readItems(body.subarray(FIXED));
  if (items === undefined) return undefined;
  const ofType = (type: number) => items.filter((one) => one.type === type).map(({ value }) => value);
  const contexts = ofType(ITEM.proposed).map(readProposed);
  if (!contexts.every((context) => context !== undefined)) return undefined;
  if (new Set(contexts.map(({ id }) => id)).size < contexts.length) return undefined;
  const user = readItems(concatBytes(...ofType(ITEM.userInformation))) ?? [];
  const maxLength = user.find(({ type, value }) => type === ITEM.maxLength && value.length === 4);
  return {
    calledAet: textOf(body.subarray(4, 20)),
    callingAet: textOf(body.subarray(20, 36)),
    applicationContext: ofType(ITEM.applicationContext).map(textOf).join(),
    contexts,
    maxPduBytes: maxLength === undefined ? 0 : viewOf(maxLength.value).getUint32(0),
    roles: new Map(user.flatMap(({ type, value }) => (type === ITEM.roles ? readRoles(value) : []))),
  };
}

function readProposed(value: Bytes): ProposedContext | undefined {
  const items = value.length < 4 ? undefined : readItems(value.subarray(4));
  const abstractSyntax = items?.find(({ type }) => type === ITEM.abstractSyntax);
  if (items === undefined || abstractSyntax === undefined) return undefined;
  const syntaxes = items.filter(({ type }) => type === ITEM.transferSyntax).map((item) => textOf(item.value));
  return { id: value[0] ?? 0, abstractSyntax: textOf(abstractSyntax.value), transferSyntaxes: syntaxes.filter(isUid) };
}

function readRoles(value: Bytes): readonly (readonly [string, Roles])[] {
  const length = value.length < 4 ? -1 : viewOf(value).getUint16(0);
  if (length + 4 !== value.length) return [];
  const uid = textOf(value.subarray(2, 2 + length));
  return [[uid, { isUser: value[2 + length] === 1, isProvider: value[3 + length] === 1 }]];
}

/** `undefined` when one is longer than what holds it. */
function readItems(bytes: Bytes): readonly Item[] | undefined {
  const items: Item[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + viewOf(bytes).getUint16(at + 2);
    if (end > bytes.length) return undefined;
    items.push({ type: bytes[at] ?? 0, value: bytes.subarray(at + 4, end) });
    at = end;
  }
  return at === bytes.length ? items : undefined;
}

/** The body of an A-ASSOCIATE-AC (PS3.8 §9.3.3). */
export function writeAssociateAccept(input: {
  readonly request: AssociateRequest;
  readonly contexts: readonly AnsweredContext[];
  readonly roles: ReadonlyMap<string, Roles>;
  readonly maxPduBytes: number;
}): Bytes {
  const { request, contexts, roles, maxPduBytes } = input;
  const fixed = new Uint8Array(FIXED);
  fixed[1] = 1;
  fixed.set(Buffer.from(request.calledAet.padEnd(16).slice(0, 16), "latin1"), 4);
  fixed.set(Buffer.from(request.callingAet.padEnd(16).slice(0, 16), "latin1"), 20);
  const maxLength = new Uint8Array(4);
  viewOf(maxLength).setUint32(0, maxPduBytes);
  return concatBytes(
    fixed,
    item(ITEM.applicationContext, ascii(APPLICATION_CONTEXT)),
    ...contexts.map(({ id, result, transferSyntax }) =>
      item(
        ITEM.answered,
        concatBytes(Uint8Array.of(id, 0, result, 0), item(ITEM.transferSyntax, ascii(transferSyntax))),
      ),
    ),
    item(
      ITEM.userInformation,
      concatBytes(
        item(ITEM.maxLength, maxLength),
        item(ITEM.implementationClass, ascii(IMPLEMENTATION_CLASS)),
        ...[...roles].map(([uid, { isUser, isProvider }]) =>
          item(
            ITEM.roles,
            concatBytes(Uint8Array.of(0, uid.length), ascii(uid), Uint8Array.of(Number(isUser), Number(isProvider))),
          ),
        ),
        item(ITEM.implementationVersion, ascii(IMPLEMENTATION_VERSION)),
      ),
    ),
  );
}

function item(type: number, value: Bytes): Bytes {
  return concatBytes(Uint8Array.of(type, 0, value.length >>> 8, value.length & 0xff), value);
}

function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textOf(bytes: Bytes): string {
  return String.fromCharCode(...bytes.subarray(0, 64)).replace(/^ +|[\0 ]+$/g, "");
}

function ascii(text: string): Bytes {
  return new Uint8Array(Buffer.from(text, "latin1"));
}
