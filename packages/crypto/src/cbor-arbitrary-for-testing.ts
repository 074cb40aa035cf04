import { toBytes } from "@caseroom/contract";
import fc from "fast-check";
import type { CborValue } from "./cbor.ts";

const wellFormedText = fc.string({ unit: "grapheme", maxLength: 20 });

/** Random values of the closed CBOR type. */
const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.maxSafeInteger(),
    wellFormedText,
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 40 }).map(toBytes),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(wellFormedText, fc.integer({ min: -30, max: 30 })), tie("value")), { maxLength: 4 })
      .map((pairs) => new Map(pairs)),
  ),
}));

const test = { value };

export { fc, test };
