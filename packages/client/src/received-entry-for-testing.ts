import {
  bytesToId16,
  bytesToId32,
  type CompId,
  type Digest,
  type EntryId,
  expectOk,
  type Kid,
  type Oid,
  type OrgId,
  ok,
  type SpaceId,
  TIERS,
  toBytes,
  type UserId,
} from "@caseroom/contract";
import type { CborValue } from "@caseroom/crypto/verify";
import type { ReceivedEntry } from "./client-events.ts";
import { encodeFhirBody } from "./fhir-body.ts";

/** An id of 32 bytes that is readable in a test: the number in its last byte. */
export function testId<Id extends SpaceId | CompId | UserId | OrgId | EntryId | Kid | Digest>(number: number): Id {
  const bytes = new Uint8Array(32);
  bytes[31] = number;
  const id = bytesToId32<Id>(bytes);
  return expectOk(id === undefined ? { ok: false, error: "no id" } : ok(id), "an id for a test");
}

type Said = {
  readonly spaceId: SpaceId;
  readonly n: number;
  readonly author: UserId;
  readonly kind: string;
  readonly body: CborValue;
  readonly tier?: number;
  readonly system?: string;
};

/** An entry as the client hands it over after every check; its id is 100 more than its place. */
export function testEntry({ spaceId, n, author, kind, body, tier = TIERS.room, system }: Said): ReceivedEntry {
  const oid = bytesToId16<Oid>(new Uint8Array(16).fill(n));
  const nothing = toBytes(new Uint8Array(32));
  const provenance = {
    system: system ?? "",
    sourceId: "",
    receivedMs: n,
    originalType: "text/plain",
    original: toBytes([]),
  };
  return {
    spaceId,
    compId: testId<CompId>(200),
    tier,
    n,
    logged: false,
    entry: {
      entryId: testId<EntryId>(100 + n),
      oid: expectOk(oid === undefined ? { ok: false, error: "no id" } : ok(oid), "an oid for a test"),
      kid: testId<Kid>(210),
      e: 1,
      author,
      as: n + 1,
      ap: null,
      see: { n: 0, hash: nothing, feedN: n, feedHead: nothing },
      cp: { size: 0, root: nothing },
      t: 1000 + n,
      kind,
      role: "writer",
      body,
      ...(system === undefined ? {} : { provenance }),
    },
  };
}

/** A deposit of FHIR resources in a chart. */
export function testDeposit(chart: SpaceId, n: number, author: UserId, resources: readonly object[]): ReceivedEntry {
  const body = encodeFhirBody(resources.map((resource) => JSON.stringify(resource)));
  return testEntry({ spaceId: chart, n, author, kind: "fhir", body, tier: TIERS.clinical, system: "LIS" });
}
