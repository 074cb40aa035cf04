import { VR_TABLE } from "./vr-table.ts";

/** VRs whose explicit form has a length of four bytes (PS3.5 §7.1.2). */
const LONG = new Set(["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"]);
const SHORT = new Set("AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split(" "));

/** Whether the length takes four bytes. A VR of a later edition than ours does, as PS3.5 §6.2.2 promises. */
export function hasLongLength(vr: string): boolean {
  return LONG.has(vr) || !SHORT.has(vr);
}

/** Whether the two characters can be a VR at all. */
export function isVrShaped(vr: string): boolean {
  return /^[A-Z]{2}$/.test(vr);
}

let byTag: ReadonlyMap<number, string> | undefined;

/**
 * The VR of an element where the file does not state it (implicit VR, PS3.5 Annex A.1): PS3.6's for elements of the standard, LO for private
 * creators, UN for what nobody here knows. `isSigned` is Pixel Representation.
 */
export function implicitVr(tag: number, isSigned: boolean): string {
  byTag ??= readTable();
  const group = tag >>> 16;
  const element = tag & 0xffff;
  if (element === 0) return "UL";
  if (group % 2 === 1) return element >= 0x10 && element <= 0xff ? "LO" : "UN";
  const isRepeating = (group >= 0x5000 && group <= 0x50ff) || (group >= 0x6000 && group <= 0x60ff);
  const vr = byTag.get(isRepeating ? ((group & 0xff00) * 0x1_0000 + element) >>> 0 : tag) ?? "UN";
  return vr === "xs" ? (isSigned ? "SS" : "US") : vr;
}

function readTable(): ReadonlyMap<number, string> {
  const table = new Map<number, string>();
  for (const [vr, groups] of Object.entries(VR_TABLE))
    for (const line of groups.split(" ")) {
      const [group = "", elements = ""] = line.split(":");
      for (let at = 0; at < elements.length; at += 4)
        table.set(Number.parseInt(group + elements.slice(at, at + 4), 16), vr);
    }
  return table;
}
