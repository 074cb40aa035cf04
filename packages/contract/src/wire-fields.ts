import { z } from "zod";
import { type Bytes, base64urlToBytes } from "./bytes.ts";
import type {
  BlobId,
  ChainId,
  CompId,
  ConsortiumId,
  Digest,
  EntryId,
  Kid,
  Oid,
  OrgId,
  SpaceId,
  UserId,
} from "./ids.ts";
import { parseId16, parseId32 } from "./ids.ts";

/** The CSP of the web app forbids `new Function`; Zod must not even probe for it. */
z.config({ jitless: true });

function id32<Id extends ConsortiumId | OrgId | UserId | SpaceId | CompId | Kid | EntryId | Digest>() {
  return z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .transform((text, context): Id => {
      const id = parseId32<Id>(text);
      if (id !== undefined) return id;
      context.addIssue("not an id");
      return z.NEVER;
    });
}

function id16<Id extends Oid | BlobId>() {
  return z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .transform((text, context): Id => {
      const id = parseId16<Id>(text);
      if (id !== undefined) return id;
      context.addIssue("not an id");
      return z.NEVER;
    });
}

export const consortiumIdField = id32<ConsortiumId>();
export const orgIdField = id32<OrgId>();
export const userIdField = id32<UserId>();
export const spaceIdField = id32<SpaceId>();
export const compIdField = id32<CompId>();
export const chainIdField = id32<CompId>().transform((id): ChainId => id);
export const kidField = id32<Kid>();
export const entryIdField = id32<EntryId>();
export const digestField = id32<Digest>();
export const oidField = id16<Oid>();
export const blobIdField = id16<BlobId>();
/** How many, or which position: a whole number from 0. */
export const countField = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const queryCountField = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** Milliseconds since 1970 UTC, whole, within what a `Date` can hold (ECMA-262 §21.4.1.1). */
export const timeField = z.number().int().min(0).max(8_640_000_000_000_000);
export const chainTypeField = z.enum(["cons", "org", "user", "space", "comp"]);

/** Base64url text on the wire, bytes in the program. */
export function bytesField(maxBytes: number) {
  return z
    .string()
    .max(Math.ceil((maxBytes * 4) / 3))
    .transform((text, context): Bytes => {
      const bytes = base64urlToBytes(text);
      if (bytes !== undefined && bytes.length <= maxBytes) return bytes;
      context.addIssue("not base64url");
      return z.NEVER;
    });
}

export const noFields = z.object({});

/** An item of a compartment's feed. A link also says where the log has it, since its rules are evaluated there. */
export const feedItem = z.object({
  n: countField,
  kind: z.enum(["entry", "link"]),
  logIndex: countField.optional(),
  ts: timeField.optional(),
});
