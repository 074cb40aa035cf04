import { createHash } from "node:crypto";
import { MAX_FRAGMENT_BYTES, NumberText, writeJson } from "@caseroom/clinical";
import { concept, conceptJson, identifier } from "./cda-value.ts";
import { nameOfCustodian } from "./composition.ts";
import type { DocumentContext } from "./document-context.ts";
import { authors } from "./note-entry.ts";
import type { CcdaResource } from "./resource-draft.ts";
import { child, words } from "./xml-query.ts";
import type { XmlElement } from "./xml-tree.ts";

/** What the other members of the resource may need. */
const ROOM_FOR_MEMBERS = 16_384;

/**
 * The file as it came, as a DocumentReference (FHIR R4 §10.3) with the bytes in it: what no resource says can still be read
 * by a person. Of a file that is too large for a fragment only size and SHA-1 are said; its bytes are where it was imported.
 */
export function originalDocument(bytes: Uint8Array, root: XmlElement, document: DocumentContext): CcdaResource {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  const title = words(child(root, "title"));
  const custodian = nameOfCustodian(root);
  const json = writeJson({
    resourceType: "DocumentReference",
    id: createHash("sha256").update(bytes).digest("hex").slice(0, 40),
    meta: { lastUpdated: document.instant, source: document.source },
    masterIdentifier: identifier(child(root, "id") ?? root),
    status: "current",
    type: conceptJson(concept(child(root, "code"), document)) ?? { text: "Clinical document" },
    subject: document.subject,
    date: document.instant,
    author: authors(root),
    ...(custodian === undefined ? {} : { custodian: { display: custodian } }),
    description: title,
    content: [
      {
        attachment: {
          contentType: "application/xml",
          data: data.length + ROOM_FOR_MEMBERS > MAX_FRAGMENT_BYTES ? undefined : data,
          size: NumberText.parse(String(bytes.length)),
          hash: createHash("sha1").update(bytes).digest("base64"),
          title,
        },
      },
    ],
  });
  return { resourceType: "DocumentReference", json };
}
