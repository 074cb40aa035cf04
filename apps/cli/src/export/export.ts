import { open, rename, rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { sliceElements, sliceJson } from "@caseroom/clinical";
import { err, type Failure, failure, ok, parseJson, type Result } from "@caseroom/contract";
import { z } from "zod";
import { type Command, EXIT, type Io } from "../command.ts";
import { showProgress } from "../progress.ts";
import { refuse } from "../refusal.ts";
import type { GatewayAdmin } from "../world/gateway-admin.ts";
import { findGateway, GATEWAY_OPTIONS } from "../world/named-gateway.ts";

const page = z.object({ link: z.array(z.object({ relation: z.string(), url: z.string() })).default([]) });
const patients = z.object({ entry: z.array(z.object({ resource: z.object({ id: z.string() }) })).default([]) });

export const exportCommand: Command = {
  words: ["export"],
  summary: "write all that an institution may read about a patient as one FHIR bundle",
  help: [
    "Usage: caseroom export [--world DIR] --gateway GW --patient 'SYSTEM|VALUE' [--out FILE] [--json]",
    "",
    "A FHIR R4 Bundle of type collection: the patient, and everything in the record, of every institution that the gateway may read. Each",
    "resource as the gateway's FHIR door gives it, numbers with their decimals. To FILE, else to standard output. On a terminal progress is",
    'shown. --json: when FILE is complete, {"file","resources"} on standard output.',
    "",
    "Exit codes: 0 complete, 1 nobody has the number or the export broke off, 2 wrong usage, 3 the gateway cannot be reached.",
    "",
    "Example: caseroom export --gateway chc --patient 'CHC|CHC-0042' --out chan.json",
  ].join("\n"),
  run: async (args, io) => {
    const options = { ...GATEWAY_OPTIONS, patient: { type: "string" }, out: { type: "string" } } as const;
    const { values } = parseArgs({ args: [...args], options });
    const gateway = findGateway(values, io);
    if (gateway === undefined) return EXIT.usage;
    if (values.patient === undefined) {
      io.err("caseroom: --patient 'SYSTEM|VALUE' is needed");
      return EXIT.usage;
    }
    const ids = await patientIds(gateway.admin, values.patient);
    if (!ids.ok) return refuse(io, ids.error, { NOT_FOUND: "nobody has this number in what the gateway may read" });
    const { out } = values;
    const written =
      out === undefined
        ? await writeBundle(gateway.admin, ids.value, async (text) => void process.stdout.write(text), io)
        : await writeFile(out, (write) => writeBundle(gateway.admin, ids.value, write, io));
    if (!written.ok) return refuse(io, written.error, { STORE_FAILED: `${out} cannot be written` });
    if (out !== undefined && values.json) io.out(JSON.stringify({ file: out, resources: written.value }));
    else io.err(`caseroom: ${written.value} resources`);
    return EXIT.ok;
  },
};

type Write = (text: string) => Promise<void>;

/** The file is there when all of it is: a record that broke off must not be taken for a whole one. */
async function writeFile(
  out: string,
  fill: (write: Write) => Promise<Result<number, Failure>>,
): Promise<Result<number, Failure>> {
  const unfinished = `${out}.unfinished`;
  try {
    const file = await open(unfinished, "w", 0o600);
    try {
      const filled = await fill(async (text) => void (await file.write(text)));
      if (filled.ok) await rename(unfinished, out);
      return filled;
    } finally {
      await file.close();
      await rm(unfinished, { force: true });
    }
  } catch (thrown) {
    // The disk's refusals have a code of the system; everything else is a bug.
    if (!(thrown instanceof Error && "code" in thrown)) throw thrown;
    return err(failure("STORE_FAILED"));
  }
}

/** The rows of one patient at the door: each institution's own. */
async function patientIds(admin: GatewayAdmin, identifier: string): Promise<Result<readonly string[], Failure>> {
  const reply = await admin.get(`/fhir/Patient?identifier=${encodeURIComponent(identifier)}`);
  if (!reply.ok) return reply;
  const found = patients.safeParse(reply.value);
  const ids = found.success ? found.data.entry.map(({ resource }) => resource.id) : [];
  return ids.length === 0 ? err(failure("NOT_FOUND")) : ok(ids);
}

async function writeBundle(
  admin: GatewayAdmin,
  ids: readonly string[],
  write: Write,
  io: Io,
): Promise<Result<number, Failure>> {
  const seen = new Set<string>();
  await write('{"resourceType":"Bundle","type":"collection","entry":[');
  for (const id of ids) {
    for await (const page of readRecord(admin, id)) {
      if (!page.ok) return page;
      for (const resource of page.value) {
        if (seen.has(keyOf(resource))) continue;
        await write(`${seen.size === 0 ? "" : ","}\n{"resource":${resource}}`);
        seen.add(keyOf(resource));
      }
      showProgress(`${seen.size} resources`);
    }
  }
  showProgress("");
  await write("\n]}\n");
  if (seen.size === 0) io.err("caseroom: the record is empty");
  return ok(seen.size);
}

/** The resources of a record as they are written at the door, a page at a time; a failure is the last. */
async function* readRecord(admin: GatewayAdmin, id: string): AsyncGenerator<Result<readonly string[], Failure>> {
  for (let path: string | undefined = `/fhir/Patient/${encodeURIComponent(id)}/$everything`; path !== undefined; ) {
    const reply: Result<string, Failure> = await admin.getText(path);
    if (!reply.ok) {
      yield reply;
      return;
    }
    const entries = sliceElements(sliceJson(reply.value, ["entry"]) ?? "[]");
    yield ok(entries.flatMap((entry) => sliceJson(entry, ["resource"]) ?? []));
    path = nextPath(reply.value);
  }
}

/** Two patients of one person lead to the same resources. */
function keyOf(resource: string): string {
  return `${sliceJson(resource, ["resourceType"])}/${sliceJson(resource, ["id"])}`;
}

function nextPath(text: string): string | undefined {
  const json = parseJson(text);
  const parsed = json.ok ? page.safeParse(json.value) : undefined;
  const url = parsed?.data?.link.find(({ relation }) => relation === "next")?.url;
  return url === undefined ? undefined : new URL(url).pathname + new URL(url).search;
}
