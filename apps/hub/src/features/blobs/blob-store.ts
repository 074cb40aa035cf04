import { type BlobId, bytesToId16, type CompId, type SpaceId } from "@caseroom/contract";
import type { Sql } from "@caseroom/postgres";
import { fromColumn, idsColumn, toColumn } from "../../id-column.ts";

export type BlobRow = { readonly size: number; readonly received: number; readonly complete: boolean };
type Comp = { readonly spaceId: SpaceId; readonly compId: CompId };

/** How much of each blob is there. A blob belongs to one compartment (phase-1 §2.19). */
export type BlobStore = {
  readonly find: (comp: Comp, blobId: BlobId) => Promise<BlobRow | undefined>;
  /** The row as it is now, whether or not this call made it. */
  readonly create: (comp: Comp, blobId: BlobId, size: number) => Promise<BlobRow>;
  readonly advance: (comp: Comp, blobId: BlobId, to: Omit<BlobRow, "size">) => Promise<void>;
  readonly findComplete: (comp: Comp, blobIds: readonly BlobId[]) => Promise<ReadonlySet<BlobId>>;
};

export function createBlobStore(sql: Sql): BlobStore {
  const find: BlobStore["find"] = async ({ spaceId, compId }, blobId) => {
    const [row] = await sql<BlobRow[]>`
      SELECT size, received, complete FROM blobs
      WHERE space_id = ${toColumn(spaceId)} AND comp_id = ${toColumn(compId)} AND blob_id = ${toColumn(blobId)}`;
    return row;
  };
  return {
    find,
    create: async (comp, blobId, size) => {
      await sql`
        INSERT INTO blobs (space_id, comp_id, blob_id, size, received, complete)
        VALUES (${toColumn(comp.spaceId)}, ${toColumn(comp.compId)}, ${toColumn(blobId)}, ${size}, 0, false)
        ON CONFLICT (space_id, comp_id, blob_id) DO NOTHING`;
      return (await find(comp, blobId)) ?? { size, received: 0, complete: false };
    },
    advance: async ({ spaceId, compId }, blobId, { received, complete }) => {
      await sql`
        UPDATE blobs SET received = ${received}, complete = ${complete}
        WHERE space_id = ${toColumn(spaceId)} AND comp_id = ${toColumn(compId)} AND blob_id = ${toColumn(blobId)}`;
    },
    findComplete: async ({ spaceId, compId }, blobIds) => {
      const rows = await sql<{ blob_id: Uint8Array }[]>`
        SELECT blob_id FROM blobs
        WHERE space_id = ${toColumn(spaceId)} AND comp_id = ${toColumn(compId)} AND complete
          AND blob_id = ANY(${idsColumn(blobIds)}::text[]::bytea[])`;
      return new Set(rows.map((row) => fromColumn(bytesToId16<BlobId>(row.blob_id))));
    },
  };
}
