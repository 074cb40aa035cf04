import { inflateRawSync } from "node:zlib";
import { NOTHING } from "./clinical-counts.ts";
import type { SourceCount } from "./count-hl7.ts";

const DEFLATED = "1.2.840.10008.1.2.1.99";
/** (7FE0,0010), (7FE0,0008) and (7FE0,0009) in both byte orders. */
const PIXELS = ["e07f1000", "e07f0800", "e07f0900", "7fe00010", "7fe00008", "7fe00009"].map((hex) =>
  Buffer.from(hex, "hex"),
);
/** (0042,0011) Encapsulated Document. */
const DOCUMENT = Buffer.from("42001100", "hex");

/** Looks for the tags in the bytes: an object with pixels is an image, one with a document is a document. */
export function countDicom(bytes: Uint8Array): SourceCount {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const all = raw.includes(DEFLATED, 0, "latin1") ? inflated(raw) : raw;
  const images = PIXELS.some((tag) => all.includes(tag)) ? 1 : 0;
  const documents = images === 0 && all.includes(DOCUMENT) ? 1 : 0;
  return { counts: { ...NOTHING, images, documents }, except: [] };
}

/** The data set after group 0002, whose length its first element says (PS3.10 §7.1). */
function inflated(file: Buffer): Buffer {
  return inflateRawSync(file.subarray(144 + file.readUInt32LE(140)));
}
