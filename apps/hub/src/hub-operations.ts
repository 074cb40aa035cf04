import {
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
  InvariantError,
  linksAppend,
  linksList,
  logCheckpoint,
  logProve,
  logTile,
  marksList,
  marksPut,
  metaGet,
  OPERATIONS,
  type Operation,
  sessionsBegin,
  sessionsEnd,
  sessionsFinish,
  spacesList,
  wrapsGet,
} from "@caseroom/contract";
import type { FastifyInstance } from "fastify";
import { createAccount } from "./features/accounts/create.ts";
import type { BlobFiles } from "./features/blobs/blob-files.ts";
import type { BlobStore } from "./features/blobs/blob-store.ts";
import { createBlob } from "./features/blobs/create.ts";
import { getBlob } from "./features/blobs/get.ts";
import { putBlobPart } from "./features/blobs/put-part.ts";
import { getBlobTree } from "./features/blobs/tree.ts";
import type { DeviceRequestStore } from "./features/devices/device-request-store.ts";
import { dismissDevice } from "./features/devices/dismiss.ts";
import { listPendingDevices } from "./features/devices/pending.ts";
import { requestDevice } from "./features/devices/request.ts";
import { listDirectoryChains } from "./features/directory/chains.ts";
import { listPeople } from "./features/directory/people.ts";
import { appendEntries } from "./features/entries/append.ts";
import { listLeaves } from "./features/entries/leaves.ts";
import { listEntries } from "./features/entries/list.ts";
import { appendLinks, type LinkDeps } from "./features/links/append.ts";
import { listLinks } from "./features/links/list.ts";
import { getCheckpoint } from "./features/log/checkpoint.ts";
import type { LogNodes } from "./features/log/log-nodes.ts";
import { proveLog } from "./features/log/prove.ts";
import { getTile } from "./features/log/tile.ts";
import { listMarks } from "./features/marks/list.ts";
import { putMark } from "./features/marks/put.ts";
import { getMeta } from "./features/meta/get.ts";
import { type BeginDeps, beginSession } from "./features/sessions/begin.ts";
import { endSession } from "./features/sessions/end.ts";
import { type FinishDeps, finishSession } from "./features/sessions/finish.ts";
import { listSpaces } from "./features/spaces/list.ts";
import { getWraps } from "./features/wraps/get.ts";
import type { Handler } from "./http/operation-handler.ts";
import { registerOperation } from "./http/register-operation.ts";

export type OperationDeps = LinkDeps &
  BeginDeps &
  FinishDeps & {
    readonly nodes: LogNodes;
    readonly blobs: BlobStore;
    readonly files: BlobFiles;
    readonly requests: DeviceRequestStore;
  };

/** Every operation with its handler. Throws InvariantError when the contract has one that is missing here. */
export function registerOperations(app: FastifyInstance, deps: OperationDeps): void {
  const { sessions, signIns } = deps;
  const gate = { checkSession: sessions.check, checkSignIn: signIns.check };
  const registered = new Set<string>();
  const register = <O extends Operation>(
    operation: O,
    handler: Handler<O>,
    options?: { readonly sessionOptional?: boolean },
  ): void => {
    registered.add(operation.id);
    registerOperation(app, gate, operation, handler, options);
  };
  register(metaGet, getMeta(deps));
  register(logCheckpoint, getCheckpoint(deps));
  register(logTile, getTile(deps));
  register(logProve, proveLog(deps));
  register(sessionsBegin, beginSession(deps));
  register(sessionsFinish, finishSession(deps));
  register(sessionsEnd, endSession(deps));
  register(accountsCreate, createAccount(deps));
  register(directoryPeople, listPeople(deps));
  register(directoryChains, listDirectoryChains(deps));
  register(linksAppend, appendLinks(deps), { sessionOptional: true });
  register(linksList, listLinks(deps));
  register(wrapsGet, getWraps(deps));
  register(spacesList, listSpaces(deps));
  register(entriesAppend, appendEntries(deps));
  register(entriesList, listEntries(deps));
  register(entriesLeaves, listLeaves(deps));
  register(marksPut, putMark(deps));
  register(marksList, listMarks(deps));
  register(blobsCreate, createBlob(deps));
  register(blobsPutPart, putBlobPart(deps));
  register(blobsGet, getBlob(deps));
  register(blobsTree, getBlobTree(deps));
  register(devicesRequest, requestDevice(deps));
  register(devicesPending, listPendingDevices(deps));
  register(devicesDismiss, dismissDevice(deps));
  for (const { id } of OPERATIONS) if (!registered.has(id)) throw new InvariantError(`${id} has no handler`);
}
