import type { Bytes } from "@caseroom/contract";
import type { CborMap, CborValue } from "./cbor.ts";

/** Typed readers over decoded CBOR: each answers `undefined` for anything that is not exactly what was asked for. */

export function isCborMap(value: CborValue | undefined): value is CborMap {
  return value instanceof Map;
}

/** Text keys of a map body: all of `required`, none beyond `optional`. */
export type MapShape = {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
};

/** The value as a map with text keys of this shape. */
export function readMap(value: CborValue | undefined, shape?: MapShape): CborMap | undefined {
  if (!isCborMap(value)) return undefined;
  if (shape === undefined) return value;
  if (!shape.required.every((key) => value.has(key))) return undefined;
  return unknownKeys(value, shape).length === 0 ? value : undefined;
}

/** Keys that a map has beyond its shape; a body with such keys is from a newer protocol (phase-1 §3.11). */
export function unknownKeys(map: CborMap, shape: MapShape): readonly (string | number)[] {
  const known = new Set<string | number>([...shape.required, ...(shape.optional ?? [])]);
  return [...map.keys()].filter((key) => !known.has(key));
}

export function asBytes(value: CborValue | undefined, length?: number): Bytes | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  return length === undefined || value.length === length ? value : undefined;
}

export function asText(value: CborValue | undefined, maxLength = 1024): string | undefined {
  return typeof value === "string" && value.length <= maxLength ? value : undefined;
}

/** A non-negative safe integer. */
export function asCount(value: CborValue | undefined): number | undefined {
  return typeof value === "number" && value >= 0 ? value : undefined;
}

export function asArray(value: CborValue | undefined): readonly CborValue[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** Every element through one reader; `undefined` as soon as one does not fit. */
export function asArrayOf<T>(
  value: CborValue | undefined,
  read: (item: CborValue) => T | undefined,
): readonly T[] | undefined {
  const items = asArray(value);
  if (items === undefined) return undefined;
  const typed: T[] = [];
  for (const item of items) {
    const one = read(item);
    if (one === undefined) return undefined;
    typed.push(one);
  }
  return typed;
}
