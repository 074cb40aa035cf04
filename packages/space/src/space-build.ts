import {
  type CompId,
  type ConsortiumId,
  expectOk,
  type Failure,
  idToBytes,
  ok,
  parseId32,
  type Random,
  type Result,
  type SpaceId,
  type UserId,
} from "@caseroom/contract";
import type { SigningKey } from "@caseroom/crypto/sign";
import type { CborValue } from "@caseroom/crypto/verify";
import type { ChainView, CompState, SpaceState } from "./chain-state.ts";
import { buildCommit } from "./commit-build.ts";
import { applyBatch } from "./directory.ts";
import type { CheckpointRef, ParsedLink } from "./link.ts";
import { headOf, signLink } from "./link-sign.ts";
import { presentMoment } from "./moment.ts";
import type { Role } from "./role.ts";
import type { Draft } from "./user-build.ts";

export type SpacePlan = {
  readonly kind: "case" | "chart";
  readonly comps: readonly {
    readonly tier: number;
    readonly members: readonly { readonly userId: UserId; readonly role: Role }[];
  }[];
};

type Input = {
  readonly consortiumId: ConsortiumId;
  readonly view: ChainView;
  readonly signing: SigningKey;
  readonly userId: UserId;
  readonly cp: CheckpointRef;
  readonly nowMs: number;
  readonly random: Random;
};

export type CreatedSpace = Draft & {
  readonly spaceId: SpaceId;
  /** In the order of the plan. */
  readonly comps: readonly { readonly compId: CompId; readonly tier: number }[];
};

/** Everything that founds a space: its genesis, each compartment with its first commit, and the list of compartments. One request, all or nothing. */
export async function createSpace(input: Input, plan: SpacePlan): Promise<Result<CreatedSpace, Failure>> {
  const { consortiumId, signing, userId, cp, nowMs, random } = input;
  const at = presentMoment(nowMs);
  const genesisBody = new Map<string, CborValue>([
    ["kind", plan.kind],
    ["policy", new Map<string, CborValue>()],
    ["admins", [idToBytes(userId)]],
    ["nonce", random(16)],
  ]);
  const genesis = await signLink(
    { ct: "space", head: undefined, op: "genesis", body: genesisBody, cp, nowMs },
    [signing],
    consortiumId,
  );
  const spaceId = expectId<SpaceId>(genesis);
  const links: ParsedLink[] = [genesis];
  const drafts: Draft[] = [];
  const comps: { readonly compId: CompId; readonly tier: number }[] = [];
  for (const { tier, members } of plan.comps) {
    const first = await signLink(compGenesis({ spaceId, tier, cp, nowMs, random }), [signing], consortiumId);
    const layer = await applyBatch(input.view, [{ link: genesis, at }]);
    if (!layer.ok) return layer;
    const comp: CompState = {
      ct: "comp",
      id: expectId<CompId>(first),
      spaceId,
      tier,
      head: { n: 1, hash: first.hash, at },
      members: new Map(),
      past: [],
      epochs: [],
      wraps: new Map(),
    };
    const add = members.some((one) => one.userId === userId)
      ? members
      : [{ userId, role: "admin" as const }, ...members];
    const commit = await buildCommit({ ...input, view: layer.value, comp, keyring: undefined }, { add });
    if (!commit.ok) return commit;
    links.push(first);
    drafts.push(commit.value);
    links.push(...commit.value.links);
    comps.push({ compId: comp.id, tier });
  }
  const listed = comps.map(({ compId }) => compId).sort();
  const body = new Map<string, CborValue>([["comps", listed.map(idToBytes)]]);
  links.push(
    await signLink({ ct: "space", head: headOf(genesis), op: "comp.add", body, cp, nowMs }, [signing], consortiumId),
  );
  return ok({ spaceId, comps, links, wraps: drafts.flatMap((draft) => draft.wraps) });
}

function compGenesis(input: {
  readonly spaceId: SpaceId;
  readonly tier: number;
  readonly cp: CheckpointRef;
  readonly nowMs: number;
  readonly random: Random;
}) {
  const body = new Map<string, CborValue>([
    ["space", idToBytes(input.spaceId)],
    ["tier", input.tier],
    ["nonce", input.random(16)],
  ]);
  return { ct: "comp", head: undefined, op: "genesis", body, cp: input.cp, nowMs: input.nowMs } as const;
}

/** space/admin.add, admin.remove, ban, unban */
export function signSpaceStatement(
  input: Omit<Input, "view" | "userId" | "random">,
  space: SpaceState,
  statement: { readonly op: "admin.add" | "admin.remove" | "ban" | "unban"; readonly userId: UserId },
): Promise<ParsedLink> {
  const body = new Map<string, CborValue>([["u", idToBytes(statement.userId)]]);
  if (statement.op === "ban" || statement.op === "unban") body.set("inc", 0);
  const head = { chainId: space.id, n: space.head.n, hash: space.head.hash };
  return signLink(
    { ct: "space", head, op: statement.op, body, cp: input.cp, nowMs: input.nowMs },
    [input.signing],
    input.consortiumId,
  );
}

function expectId<Id extends SpaceId | CompId>(genesis: ParsedLink): Id {
  const id = parseId32<Id>(genesis.chainId);
  if (id === undefined) throw new RangeError("a chain id has 32 bytes");
  return expectOk(ok(id), "a chain id");
}
