export { hasDcmtk, storeByDcmtk } from "./dcmtk.ts";
export {
  bootDemoWorld,
  type DemoGateway,
  type DemoWorld,
  gatewayOf,
  type RunningWorld,
  readDemoWorld,
} from "./demo-world.ts";
export { findFreeBase } from "./free-ports.ts";
export { createMllpSender, hba1cMessage, type MllpSender, sendUntilAcknowledged } from "./laboratory.ts";
export { type FeedLine, type LyingProxy, startLyingProxy } from "./lying-proxy.ts";
export { freshCode } from "./one-time-codes.ts";
export { hasOrthanc, type Orthanc, startOrthanc } from "./orthanc.ts";
export { type RecordingProxy, startRecordingProxy } from "./recording-proxy.ts";
export { chatText, fragmentsOf, type SignInOptions, signInPerson, type TestPerson, until } from "./test-person.ts";
