import type { Digest } from "@caseroom/contract";
import { asArray, type CborMap, type CborValue, isCborMap } from "@caseroom/crypto/verify";
import { readDigest, readRecipients } from "./chain-fields.ts";
import type { ParsedLink } from "./link.ts";

/** The wraps that a link names by hash: the hub must hold exactly these with it. Empty for links that hand out no key. */
export function wrapHashesOf(link: ParsedLink): readonly Digest[] {
  if (link.ct === "comp" && link.op === "commit") return commitWraps(link.body);
  if (link.ct !== "user") return [];
  if (link.op === "puk.rotate") return deviceWraps(link.body.get("w"));
  if (link.op === "device.add") return pairWrap(link.body.get("w"));
  const puk = link.op === "device.revoke" ? link.body.get("puk") : undefined;
  return isCborMap(puk) ? deviceWraps(puk.get("w")) : [];
}

function commitWraps(body: CborMap): readonly Digest[] {
  const ep = body.get("ep");
  const list = readRecipients(isCborMap(ep) ? ep.get("wl") : body.get("wa"));
  return (list ?? []).map((recipient) => recipient.wrap);
}

function deviceWraps(value: CborValue | undefined): readonly Digest[] {
  return (asArray(value) ?? []).flatMap(pairWrap);
}

function pairWrap(value: CborValue | undefined): readonly Digest[] {
  const hash = readDigest(asArray(value)?.[1]);
  return hash === undefined ? [] : [hash];
}
