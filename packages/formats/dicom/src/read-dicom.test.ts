import { readdirSync, readFileSync } from "node:fs";
import { type Bytes, concatBytes, expectOk, toBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";
import { dataSetOf, readPart10, wrapDataSet } from "./part10.ts";
import { readDicom } from "./read-dicom.ts";

const FIXTURES = new URL("../../../../fixtures/dicom/reader/", import.meta.url);
const bytesOf = (name: string): Bytes => toBytes(readFileSync(new URL(name, FIXTURES)));
const read = (name: string) => expectOk(readDicom(bytesOf(name)), name);
const codeOf = (bytes: Bytes) => {
  const result = readDicom(bytes);
  return result.ok ? "read" : result.error.code;
};

const EXPLICIT = "1.2.840.10008.1.2.1";
const CT = "1.2.840.10008.5.1.4.1.1.2";

/** One element in explicit little endian (PS3.5 §7.1.2). `length` can claim another one than the value has. */
function element(tag: number, vr: string, value: string | readonly number[], length?: number): Bytes {
  const text = typeof value === "string" ? [...value].map((character) => character.charCodeAt(0)) : value;
  const body = text.length % 2 === 0 ? text : [...text, vr === "UI" ? 0 : 0x20];
  const isLong = ["OB", "OW", "SQ", "UN", "UT"].includes(vr);
  const head = new Uint8Array(isLong ? 12 : 8);
  const view = new DataView(head.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  head.set([vr.charCodeAt(0), vr.charCodeAt(1)], 4);
  if (isLong) view.setUint32(8, length ?? body.length, true);
  else view.setUint16(6, length ?? body.length, true);
  return concatBytes(head, Uint8Array.from(body));
}

/** An instance with its UIDs, and what a test adds. */
function instance(...elements: readonly Bytes[]): Bytes {
  const dataSet = concatBytes(
    element(0x0008_0016, "UI", CT),
    element(0x0008_0018, "UI", "1.2.3.4"),
    element(0x0020_000d, "UI", "1.2.3"),
    element(0x0020_000e, "UI", "1.2.3.1"),
    ...elements,
  );
  return wrapDataSet({ sop: "1.2.3.4", sopClass: CT, transferSyntax: EXPLICIT, dataSet });
}

describe("a name in its own writing", () => {
  it("is read in the character set that the file says, ideographs and all", () => {
    const names = Object.fromEntries(
      readdirSync(FIXTURES)
        .filter((name) => name.startsWith("chr"))
        .map((name) => [name, JSON.parse(read(name).header)["00100010"].Value[0]]),
    );
    expect(names).toEqual({
      "chrArab.dcm": { Alphabetic: "قباني^لنزار" },
      "chrFren.dcm": { Alphabetic: "Buc^Jérôme" },
      "chrGB2312.dcm": { Alphabetic: "Zhang^XiaoDong", Ideographic: "张^小东" },
      "chrH31.dcm": { Alphabetic: "Yamada^Tarou", Ideographic: "山田^太郎", Phonetic: "やまだ^たろう" },
      "chrHbrw.dcm": { Alphabetic: "שרון^דבורה" },
      "chrRuss.dcm": { Alphabetic: "Люкceмбypг" },
      "chrX1.dcm": { Alphabetic: "Wang^XiaoDong", Ideographic: "王^小東" },
      "chrX2.dcm": { Alphabetic: "Wang^XiaoDong", Ideographic: "王^小东" },
    });
    expect(read("chrH31.dcm").patient.name).toBe("Tarou Yamada");
  });

  it("in Korean by code extensions keeps its Hangul", () => {
    // PS3.5 annex I.2, the standard's own example.
    const hex = "486f6e675e47696c646f6e673d1b242943fbf35e1b242943d1ceD4d73d1b242943c8ab5e1b242943b1e6b5bf";
    const name = instance(
      element(0x0008_0005, "CS", "\\ISO 2022 IR 149"),
      element(0x0010_0010, "PN", [...Buffer.from(hex, "hex")]),
    );
    const header = JSON.parse(expectOk(readDicom(name), "name").header);
    expect(header["00100010"].Value).toEqual([
      { Alphabetic: "Hong^Gildong", Ideographic: "洪^吉洞", Phonetic: "홍^길동" },
    ]);
  });

  it("in a set that nobody here knows shows where something is missing", () => {
    const bytes = instance(
      element(0x0008_0005, "CS", "ISO_IR 999"),
      element(0x0010_0010, "PN", [0x57, 0xe4, 0x67, 0x5e, 0x4f]),
    );
    expect(expectOk(readDicom(bytes), "name").patient.name).toBe("O W\ufffdg");
  });
});

describe("one slice in four transfer syntaxes", () => {
  it("has the same header, byte order or not", () => {
    const [implicit, big, rle] = ["implicit", "bigendian", "RLE"].map((one) => read(`MR_small_${one}.dcm`));
    // Compared with dcmdump.
    expect(implicit).toMatchObject({
      sop: "1.3.6.1.4.1.5962.1.1.4.1.1.20040826185059.5457",
      modality: "MR",
      number: 1,
      rows: 64,
      columns: 64,
      numberOfFrames: 1,
      patient: { id: "4MR1", name: "MR1 CompressedSamples", sex: "female" },
      when: "2004-08-26T18:50:59",
    });
    expect(JSON.parse(big?.header ?? "")).toEqual(JSON.parse(implicit?.header ?? ""));
    expect(big?.frames[0]?.length).toBe(64 * 64 * 2);
    expect(rle?.transferSyntax).toBe("1.2.840.10008.1.2.5");
    expect(rle?.frames).toHaveLength(1);
  });

  it("is read deflated too, where no frame has a place in the file", () => {
    expect(read("image_dfl.dcm")).toMatchObject({ rows: 512, columns: 512, numberOfFrames: 1, frames: [] });
  });
});

describe("the frames of an object", () => {
  it("are where a decoder finds them: each JPEG-LS image begins with its own marker", () => {
    const bytes = bytesOf("CT0012_jpeg_ls_two_frames.dcm");
    const { frames } = read("CT0012_jpeg_ls_two_frames.dcm");
    expect(frames.map(({ offset }) => [bytes[offset], bytes[offset + 1]])).toEqual([
      [0xff, 0xd8],
      [0xff, 0xd8],
    ]);
  });

  it("of single bits are told apart where they begin at a byte", () => {
    expect(read("seg_image_ct_binary.dcm").frames.map(({ length }) => length)).toEqual([32, 32, 32]);
    expect(read("liver_deflate.dcm").frames).toHaveLength(3);
  });

  it("are not told apart when several fragments make one, or the header claims more than there is", () => {
    const size = [
      element(0x0028_0010, "US", [1, 0]),
      element(0x0028_0011, "US", [1, 0]),
      element(0x0028_0100, "US", [8, 0]),
    ];
    const item = (...value: number[]) => [0xfe, 0xff, 0x00, 0xe0, value.length, 0, 0, 0, ...value];
    const fragments = [...item(), ...item(1, 2), ...item(3, 4), 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];
    const split = instance(...size, element(0x7fe0_0010, "OB", fragments, 0xffff_ffff));
    expect(expectOk(readDicom(split), "fragments")).toMatchObject({ numberOfFrames: 1, frames: [] });
    const claim = (frames: number, bytes: number) =>
      instance(element(0x0028_0008, "IS", String(frames)), ...size, element(0x7fe0_0010, "OB", Array(bytes).fill(0)));
    expect(expectOk(readDicom(claim(2, 2)), "two").frames).toHaveLength(2);
    expect(expectOk(readDicom(claim(3, 2)), "more").frames).toEqual([]);
  });
});

describe("a header as DICOM JSON", () => {
  it("keeps the digits of numbers in text, and leaves pixels and long binary values out", () => {
    const bytes = instance(
      element(0x0018_0050, "DS", "1.50\\+2\\-0.0"),
      element(0x0009_1001, "OB", Array(2000).fill(7)),
      element(0x0009_1002, "OB", [1, 2]),
      element(0x7fe0_0010, "OW", [0, 0]),
    );
    const { header } = expectOk(readDicom(bytes), "header");
    expect(header).toContain('"00180050":{"vr":"DS","Value":[1.50,2,-0.0]}');
    expect(header).toContain('"00091002":{"vr":"OB","InlineBinary":"AQI="}');
    expect(header).not.toContain("00091001");
    expect(header).not.toContain("7FE00010");
  });
});

describe("what is no instance", () => {
  it("is refused with a code, and no value of it is said", () => {
    expect(codeOf(bytesOf("MR_truncated.dcm"))).toBe("SOURCE_INCOMPLETE");
    expect(codeOf(bytesOf("rtplan_truncated.dcm"))).toBe("SOURCE_INCOMPLETE");
    expect(codeOf(bytesOf("nested_priv_SQ.dcm"))).toBe("SOURCE_INCOMPLETE");
    expect(codeOf(bytesOf("meta_missing_tsyntax.dcm"))).toBe("SOURCE_UNREADABLE");
    expect(codeOf(bytesOf("DICOMDIR"))).toBe("SOURCE_UNSUPPORTED");
    expect(codeOf(toBytes(Buffer.from("%PDF-1.7 not an image")))).toBe("SOURCE_UNREADABLE");
    expect(codeOf(new Uint8Array())).toBe("SOURCE_UNREADABLE");
  });

  it("may name two patients: which of them is meant is not for us to choose", () => {
    const id = (value: string) => element(0x0010_0020, "LO", value);
    expect(codeOf(instance(id("A1")))).toBe("read");
    expect(codeOf(instance(id("A1"), id("B2")))).toBe("SOURCE_UNREADABLE");
  });

  it("costs little, however deep or long it is", () => {
    const level = [0x40, 0, 0x75, 0x02, 0x53, 0x51, 0, 0, 255, 255, 255, 255, 0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255];
    const deep = Uint8Array.from({ length: 100_000 * level.length }, (_, at) => level[at % level.length] ?? 0);
    expect(codeOf(concatBytes(instance(), deep))).toBe("TOO_LARGE");
    const long = new Uint8Array(600_000 * 8);
    const view = new DataView(long.buffer);
    for (let index = 0; index < 600_000; index++) {
      view.setUint16(index * 8, 0x0030 + 2 * (index >>> 15), true);
      view.setUint16(index * 8 + 2, index & 0x7fff, true);
      long.set([0x4c, 0x4f], index * 8 + 4);
    }
    expect(codeOf(concatBytes(instance(), long))).toBe("TOO_LARGE");
  });

  it("never throws, wherever a file is cut or altered", () => {
    const original = bytesOf("seg_image_ct_binary.dcm");
    for (let at = 0; at < original.length; at += 3) {
      const altered = toBytes(original);
      altered[at] = 0xff;
      for (const bytes of [altered, original.subarray(0, at)]) {
        const result = readDicom(bytes);
        if (result.ok) expect(() => JSON.parse(result.value.header)).not.toThrow();
        expect(dataSetOf(bytes).length).toBeLessThanOrEqual(bytes.length);
      }
    }
  });
});

describe("a data set as it came over an association", () => {
  it("is the same bytes after a file was made around it, and what it was before", () => {
    const file = bytesOf("MR_small_implicit.dcm");
    const dataSet = dataSetOf(file);
    const { sop, sopClass, transferSyntax } = read("MR_small_implicit.dcm");
    const wrapped = wrapDataSet({ sop, sopClass, transferSyntax, dataSet, sourceAet: "SCANNER" });
    expect(Buffer.from(dataSetOf(wrapped)).equals(dataSet)).toBe(true);
    expect(expectOk(readDicom(wrapped), "wrapped").header).toBe(read("MR_small_implicit.dcm").header);
  });

  it("alone, without preamble and meta information, says itself how it is written", () => {
    for (const syntax of ["implicit", "bigendian"]) {
      const name = `MR_small_${syntax}.dcm`;
      const bare = toBytes(dataSetOf(bytesOf(name)));
      const { transferSyntax, sop } = read(name);
      expect(readPart10(bare)).toMatchObject({ ok: true, value: { transferSyntax, isPart10: false } });
      expect(expectOk(readDicom(bare), name).sop).toBe(sop);
    }
  });
});
