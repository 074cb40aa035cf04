import { asArray, asArrayOf, asCount, asText, type CborMap, type CborValue, isCborMap } from "@caseroom/crypto/verify";

/**
 * A mark on an image: body of an `annot` entry in the case room. Points are whole micrometres of the patient's space, or thousandths of a
 * pixel where the image has no place in space.
 */
export type ImageMark = {
  readonly kind: "length" | "arrow";
  /** SOPInstanceUID. */
  readonly sop: string;
  /** From 1. */
  readonly frame: number;
  readonly space: "patient" | "image";
  readonly points: readonly MarkPoint[];
  readonly text: string;
};
export type MarkPoint = readonly [number, number, number];

const MAX_POINTS = 16;
const MAX_TEXT = 500;

/** Body of an `annot` entry. A mark is withdrawn by a `retract` of the same person. */
export function encodeImageMark(mark: ImageMark): CborMap {
  return new Map<string, CborValue>([
    ["t", "image"],
    ["kind", mark.kind],
    ["sop", mark.sop],
    ["frame", mark.frame],
    ["space", mark.space],
    ["points", mark.points.map((point) => point.map(Math.round))],
    ["text", mark.text.slice(0, MAX_TEXT)],
  ]);
}

/** Types the body of an `annot` entry; `undefined` for one of another type or a newer form. */
export function parseImageMark(body: CborValue): ImageMark | undefined {
  if (!isCborMap(body) || body.get("t") !== "image") return undefined;
  const kind = (["length", "arrow"] as const).find((one) => one === body.get("kind"));
  const space = (["patient", "image"] as const).find((one) => one === body.get("space"));
  const sop = asText(body.get("sop"), 64);
  const frame = asCount(body.get("frame"));
  const points = asArrayOf(body.get("points"), readPoint);
  const text = asText(body.get("text"), MAX_TEXT);
  if (kind === undefined || space === undefined || sop === undefined || text === undefined) return undefined;
  if (frame === undefined || frame < 1 || points === undefined) return undefined;
  return points.length === 0 || points.length > MAX_POINTS ? undefined : { kind, sop, frame, space, points, text };
}

function readPoint(value: CborValue): MarkPoint | undefined {
  const parts = asArray(value);
  const [x, y, z] = parts ?? [];
  if (parts?.length !== 3 || typeof x !== "number" || typeof y !== "number" || typeof z !== "number") return undefined;
  return [x, y, z];
}
