import { readDemoWorld, signInPerson } from "@caseroom/testkit";

/**
 * A doctor's client in a process of its own, so that it shares no event loop with the laboratory. For each result that is opened and
 * verified it tells its parent the message's control id and the time on the machine's monotonic clock, which all processes share.
 */
const [folder = "", login = ""] = process.argv.slice(2);
const person = await signInPerson(readDemoWorld(folder), login);
await person.awaitRoom();
person.client.subscribe((event) => {
  if (event.type !== "entries") return;
  const at = process.hrtime.bigint().toString();
  const ids = event.entries.flatMap(({ entry }) => entry.provenance?.sourceId ?? []);
  // What still arrives after the parent has had enough is nobody's.
  if (ids.length > 0 && process.connected) process.send?.({ at, ids });
});
process.on("disconnect", () => {
  void person.stop().finally(() => process.exit(0));
});
process.on("SIGINT", () => undefined);
process.send?.({ ready: true });
