import type { Client } from "@caseroom/client";
import type { ReceiveDeps } from "../../features/imaging/receive-instance.ts";
import { findImages } from "./find-images.ts";
import { receiveDimse } from "./receive-dimse.ts";
import { heldSyntaxes, retrieveImages } from "./retrieve-images.ts";
import type { DimseServices } from "./services.ts";

/** Who may query and retrieve: a title, or * for any, at an address. */
export type DicomReader = { readonly aet: string; readonly address: string };

/**
 * What a gateway offers on its DICOM port: it takes images from any device of the institution, and to those systems that the institution has
 * named it shows what its DICOMweb door shows, which is what the institution may read.
 */
export function createDimseServices(deps: {
  readonly aet: string;
  readonly readers: readonly DicomReader[];
  readonly receive: ReceiveDeps;
  readonly client: Pick<Client, "blobs">;
}): DimseServices {
  const { aet, readers, receive, client } = deps;
  const { sql } = receive;
  return {
    store: (object) => receiveDimse(receive, object),
    mayRead: ({ callingAet, address }) =>
      readers.some((one) => (one.aet === "*" || one.aet === callingAet) && one.address === address),
    find: (query, onMatch) => findImages({ sql, aet }, query, onMatch),
    retrieve: (query) => retrieveImages({ sql, client }, query),
    held: (pairs) => heldSyntaxes(sql, pairs),
  };
}
