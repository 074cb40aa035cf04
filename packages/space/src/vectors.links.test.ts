import { expectOk } from "@caseroom/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { applyBatch, createDirectory, type Directory } from "./directory.ts";
import {
  cbor,
  coseSign,
  coseSign1,
  hash,
  hex,
  kidOf,
  octets,
  publicKeyOf,
  text,
} from "./independent-path-for-testing.ts";
import { parseLink } from "./link.ts";
import type { HpkeCase, LinkCase } from "./vector-format-for-testing.ts";
import { readCases, vectorNames } from "./vector-reading-for-testing.ts";
import { wrapHashesOf } from "./wrap-hashes.ts";

const history = vectorNames("link-")
  .flatMap((name) => readCases<LinkCase>(name))
  .sort((a, b) => a.index - b.index);

describe("a link of every op", () => {
  it.each(vectorNames("link-"))("%s: encoded by hand and signed with noble, it is the same bytes", (name) => {
    for (const one of readCases<LinkCase>(name)) {
      const seeds = one.signers.map((signer) => signer.seed);
      for (const signer of one.signers) {
        expect(hex(publicKeyOf(signer.seed))).toBe(signer.publicKey);
        expect(hex(kidOf(signer.seed))).toBe(signer.kid);
      }
      const payload = cbor(one.payload);
      const isMany = name.startsWith("link-cons") || name.startsWith("link-org");
      const bytes = isMany
        ? coseSign(seeds, "cr1/link", payload, one.externalAad)
        : coseSign1(seeds[0] ?? "", "cr1/link", payload, one.externalAad);
      expect(hex(bytes)).toBe(one.bytes);
      expect(hex(hash(bytes))).toBe(one.hash);
      if (name.endsWith("-genesis")) expect(hex(hash(text("cr1/chain"), bytes))).toBe(one.chainId);
    }
  });

  it.each(vectorNames("link-"))("%s: our parser reads it", (name) => {
    for (const one of readCases<LinkCase>(name)) {
      const link = expectOk(parseLink(octets(one.bytes)), name);
      expect({ hash: link.hash, chainId: link.chainId, wraps: wrapHashesOf(link) }).toEqual({
        hash: one.hash,
        chainId: one.chainId,
        wraps: one.wraps,
      });
      expect(link.signers).toEqual(one.signers.map((signer) => signer.kid));
    }
  });
});

describe("the history that the links tell", () => {
  let directory: Directory;

  beforeAll(async () => {
    directory = createDirectory();
    for (const batch of new Set(history.map((one) => one.batch))) {
      const links = history
        .filter((one) => one.batch === batch)
        .map(({ bytes, index, ts }) => ({ link: expectOk(parseLink(octets(bytes)), "link"), at: { index, ts } }));
      const layer = expectOk(await applyBatch(directory, links), `batch ${batch}`);
      for (const state of layer.states()) directory.set(state);
    }
  });

  it("holds from the first link to the last, without a gap", () => {
    expect(history.map((one) => one.index)).toEqual(history.map((_, i) => i));
    for (const one of history)
      expect(directory.chain(expectOk(parseLink(octets(one.bytes)), "link").chainId)).toBeDefined();
  });

  it("is refused at the first link with another time, signer or order", async () => {
    const first = expectOk(parseLink(octets(history[0]?.bytes ?? "")), "link");
    const second = expectOk(parseLink(octets(history[2]?.bytes ?? "")), "link");
    const at = { index: 0, ts: 0 };
    expect(await applyBatch(createDirectory(), [{ link: second, at }])).toMatchObject({ ok: false });
    expect(
      await applyBatch(createDirectory(), [
        { link: first, at },
        { link: first, at },
      ]),
    ).toMatchObject({ error: { code: "CHAIN_CONFLICT" } });
  });

  it("leaves one compartment at its third epoch, with the two who stayed and the gateway that deposits", () => {
    const [comp] = [...directory.states()].filter((state) => state.ct === "comp");
    if (comp?.ct !== "comp") throw new Error("the world has one compartment");
    expect(comp.epochs.map((epoch) => epoch.e)).toEqual([1, 2, 3]);
    expect([...comp.members.values()].map((member) => member.role).sort()).toEqual(["admin", "depositor", "writer"]);
  });

  it("names exactly the wraps that the vectors hold", () => {
    const held = ["hpke-wrap-puk", "hpke-wrap-epoch"].flatMap((name) => readCases<HpkeCase>(name));
    expect(held.map((one) => one.hash).sort()).toEqual(history.flatMap((one) => one.wraps).sort());
  });
});
