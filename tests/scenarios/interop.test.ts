import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { toBytes } from "@caseroom/contract";
import { dataSetOf } from "@caseroom/dicom";
import { findFreeBase, gatewayOf, hasOrthanc, type Orthanc, readDemoWorld, startOrthanc } from "@caseroom/testkit";
import { Client } from "fhir-kit-client";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";

/** Programs that we did not write, at one institution's doors in and at another's out. */
const world = readDemoWorld(inject("worldFolder"));
const kdc = gatewayOf(world, "kdc");
const chc = gatewayOf(world, "chc");
const run = promisify(execFile);
const FIXTURES = new URL("../../fixtures/dicom/viewer/", import.meta.url).pathname;
const SLICES = [8, 9, 10, 11];
const study = z.array(z.object({ "0020000D": z.object({ Value: z.tuple([z.string()]) }) }));
const instances = z.array(z.object({ "00080018": z.object({ Value: z.tuple([z.string()]) }) }));

let folder: string;
let orthanc: Orthanc | undefined;
let sent: ReadonlyMap<string, Buffer>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "caseroom-interop-"));
  sent = new Map(await Promise.all(SLICES.map(prepareSlice)));
}, 120_000);
afterAll(async () => {
  await orthanc?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A slice of a real head, under the demo patient's name and with a UID of its own. */
async function prepareSlice(n: number): Promise<readonly [string, Buffer]> {
  const file = join(folder, `${n}.dcm`);
  await run("dcmdjpls", [join(FIXTURES, `ct-head-${String(n).padStart(2, "0")}.dcm`), file]);
  const series = `1.2.826.0.1.3680043.9.7777.${Date.now()}`;
  const sop = `${series}.${n}`;
  const modify = ["0010,0020=KD-778812", "0010,0010=CHAN^TAI MAN", "0010,0030=19570731", "0010,0040=M"];
  await run("dcmodify", [
    "-nb",
    ...modify.flatMap((one) => ["-i", one]),
    "-m",
    `0008,0018=${sop}`,
    "-gst",
    "-gse",
    file,
  ]);
  return [sop, Buffer.from(dataSetOf(toBytes(readFileSync(file))))];
}

async function ask(path: string, accept: string): Promise<Response> {
  return fetch(`${chc.dicomweb}${path}`, { headers: { authorization: `Bearer ${chc.token}`, accept } });
}

async function awaitValue<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe("a scanner of one institution and a workstation of another", () => {
  it("have the same bytes: DCMTK stores, and the other's DICOMweb hands out what was stored", async () => {
    const { host, port, aet } = kdc.dicom;
    const env = { ...process.env, TCP_NODELAY: "1" };
    await run("echoscu", ["-aec", aet, host, String(port)], { env });
    for (const n of SLICES) await run("storescu", ["-aec", aet, host, String(port), join(folder, `${n}.dcm`)], { env });
    for (const [sop, dataSet] of sent) {
      const found = await awaitValue(async () => {
        const response = await ask(`/instances?SOPInstanceUID=${sop}`, "application/dicom+json");
        if (response.status !== 200) return undefined;
        return instances.parse(await response.json())[0];
      }, sop);
      expect(found["00080018"].Value).toEqual([sop]);
      const [uids] = study.parse(
        await (await ask(`/instances?SOPInstanceUID=${sop}&includefield=all`, "application/dicom+json")).json(),
      );
      const got = await ask(
        `/studies/${uids?.["0020000D"].Value[0]}/instances?SOPInstanceUID=${sop}`,
        "application/dicom+json",
      );
      expect(got.status).toBe(200);
      const file = await fetchInstance(sop);
      expect(Buffer.from(dataSetOf(file)).equals(dataSet)).toBe(true);
    }
  });

  it.runIf(hasOrthanc())("Orthanc reads the other institution's door as its own archive", async () => {
    const base = await findFreeBase(24_400);
    orthanc = await startOrthanc({
      httpPort: base + 1,
      dicomPort: base + 2,
      servers: { clinic: { url: `${chc.dicomweb}/`, token: chc.token } },
      modalities: { centre: { aet: kdc.dicom.aet, host: kdc.dicom.host, port: kdc.dicom.port } },
    });
    const [sop] = [...sent.keys()];
    const body = JSON.stringify({
      Uri: "/instances",
      Arguments: { SOPInstanceUID: sop },
      HttpHeaders: { Accept: "application/dicom+json" },
    });
    const found = await orthanc.call("/dicom-web/servers/clinic/get", { method: "POST", body });
    expect(JSON.stringify(found)).toContain(sop);
  });
});

async function fetchInstance(sop: string): Promise<ReturnType<typeof toBytes>> {
  const listed = z
    .array(
      z.object({
        "0020000D": z.object({ Value: z.tuple([z.string()]) }),
        "0020000E": z.object({ Value: z.tuple([z.string()]) }),
      }),
    )
    .parse(await (await ask(`/instances?SOPInstanceUID=${sop}`, "application/dicom+json")).json());
  const [one] = listed;
  const path = `/studies/${one?.["0020000D"].Value[0]}/series/${one?.["0020000E"].Value[0]}/instances/${sop}`;
  const response = await ask(path, "application/dicom; transfer-syntax=*");
  expect(response.status).toBe(200);
  return toBytes(new Uint8Array(await response.arrayBuffer()));
}

describe("a FHIR client", () => {
  const clientOf = (gateway: typeof kdc) =>
    new Client({ baseUrl: gateway.fhir, customHeaders: { Authorization: `Bearer ${gateway.token}` } });

  it("posts a bundle at one institution, and another's client finds the result in the other's own door", async () => {
    const code = { coding: [{ system: "http://loinc.org", code: "2160-0" }] };
    const marker = `2031-01-${String(10 + Math.floor(Math.random() * 18))}`;
    const patient = {
      resourceType: "Patient",
      identifier: [{ system: "KDC", value: "KD-778812" }],
      birthDate: "1957-07-31",
      gender: "male",
    };
    const observation = {
      resourceType: "Observation",
      status: "final",
      code,
      subject: { reference: "urn:uuid:1b2c3d4e-0000-4000-8000-000000000001" },
      effectiveDateTime: marker,
      valueQuantity: { value: 88.5, unit: "umol/L" },
    };
    const entry = [
      {
        fullUrl: "urn:uuid:1b2c3d4e-0000-4000-8000-000000000001",
        resource: patient,
        request: { method: "POST", url: "Patient" },
      },
      { resource: observation, request: { method: "POST", url: "Observation" } },
    ];
    const answer = await clientOf(kdc).transaction({ body: { resourceType: "Bundle", type: "transaction", entry } });
    expect(JSON.stringify(answer)).toContain("201");
    const searchParams = { "patient.identifier": "KDC|KD-778812", code: "http://loinc.org|2160-0", date: marker };
    const total = await awaitValue(async () => {
      const found = await clientOf(chc).search({ resourceType: "Observation", searchParams });
      return Number(Reflect.get(found, "total")) > 0 ? Number(Reflect.get(found, "total")) : undefined;
    }, "the result at the other institution");
    expect(total).toBe(1);
  });
});
