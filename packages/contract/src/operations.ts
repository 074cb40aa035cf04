import { accountsCreate } from "./accounts/create.ts";
import { blobsCreate } from "./blobs/create.ts";
import { blobsGet } from "./blobs/get.ts";
import { blobsPutPart } from "./blobs/put-part.ts";
import { blobsTree } from "./blobs/tree.ts";
import { devicesDismiss } from "./devices/dismiss.ts";
import { devicesPending } from "./devices/pending.ts";
import { devicesRequest } from "./devices/request.ts";
import { directoryChains } from "./directory/chains.ts";
import { directoryPeople } from "./directory/people.ts";
import { entriesAppend } from "./entries/append.ts";
import { entriesLeaves } from "./entries/leaves.ts";
import { entriesList } from "./entries/list.ts";
import { linksAppend } from "./links/append.ts";
import { linksList } from "./links/list.ts";
import { logCheckpoint } from "./log/checkpoint.ts";
import { logProve } from "./log/prove.ts";
import { logTile } from "./log/tile.ts";
import { marksList } from "./marks/list.ts";
import { marksPut } from "./marks/put.ts";
import { metaGet } from "./meta/get.ts";
import { sessionsBegin } from "./sessions/begin.ts";
import { sessionsEnd } from "./sessions/end.ts";
import { sessionsFinish } from "./sessions/finish.ts";
import { spacesList } from "./spaces/list.ts";
import { wrapsGet } from "./wraps/get.ts";

/** Every operation of the hub, by id. The server registers exactly these; the OpenAPI description lists exactly these. */
export const OPERATIONS = [
  metaGet,
  logCheckpoint,
  logTile,
  logProve,
  sessionsBegin,
  sessionsFinish,
  sessionsEnd,
  accountsCreate,
  directoryPeople,
  directoryChains,
  linksAppend,
  linksList,
  wrapsGet,
  spacesList,
  entriesAppend,
  entriesList,
  entriesLeaves,
  marksPut,
  marksList,
  blobsCreate,
  blobsPutPart,
  blobsGet,
  blobsTree,
  devicesRequest,
  devicesPending,
  devicesDismiss,
] as const;

export {
  accountsCreate,
  blobsCreate,
  blobsGet,
  blobsPutPart,
  blobsTree,
  devicesDismiss,
  devicesPending,
  devicesRequest,
  directoryChains,
  directoryPeople,
  entriesAppend,
  entriesLeaves,
  entriesList,
  linksAppend,
  linksList,
  logCheckpoint,
  logProve,
  logTile,
  marksList,
  marksPut,
  metaGet,
  sessionsBegin,
  sessionsEnd,
  sessionsFinish,
  spacesList,
  wrapsGet,
};
