import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { toBytes } from "@caseroom/contract";
import { dataSetOf } from "@caseroom/dicom";
import { findFreeBase, gatewayOf, hasOrthanc, type Orthanc, readDemoWorld, startOrthanc } from "@caseroom/testkit";
import { api as dicomWeb } from "dicomweb-client";
import { Client } from "fhir-kit-client";
import smart from "fhirclient";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { BrowserRequest } from "./browser-request.ts";

/** Programs that we did not write, at one institution's doors in and at another's out. */
const world = readDemoWorld(inject("worldFolder"));
const kdc = gatewayOf(world, "kdc");
const chc = gatewayOf(world, "chc");
const run = promisify(execFile);
const FIXTURES = new URL("../../fixtures/dicom/viewer/", import.meta.url).pathname;
const SLICES = [8, 9, 10, 11];
/** What a PACS sends in one go. */
const SENT_BY_ORTHANC = [12, 13];
const env = { ...process.env, TCP_NODELAY: "1" };
const study = z.array(z.object({ "0020000D": z.object({ Value: z.tuple([z.string()]) }) }));
const instances = z.array(z.object({ "00080018": z.object({ Value: z.tuple([z.string()]) }) }));

let folder: string;
let sent: ReadonlyMap<string, Buffer>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "caseroom-interop-"));
  sent = new Map(await Promise.all(SLICES.map((n) => prepareSlice(n))));
}, 120_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A slice of a real head, under the demo patient's name and with a UID of its own; in a study of its own, unless one is named. */
async function prepareSlice(n: number, study?: string): Promise<readonly [string, Buffer]> {
  const file = join(folder, `${n}.dcm`);
  await run("dcmdjpls", [join(FIXTURES, `ct-head-${String(n).padStart(2, "0")}.dcm`), file]);
  const series = `1.2.826.0.1.3680043.9.7777.${Date.now()}`;
  const sop = `${series}.${n}`;
  const patient = ["0010,0020=KD-778812", "0010,0010=CHAN^TAI MAN", "0010,0030=19570731", "0010,0040=M"];
  // The head in the doctors' story is looked for by its description.
  const modify = [...patient, "0008,1030=INTEROPERABILITY", "0008,103e=INTEROPERABILITY", "0018,0015=CHEST"];
  await run("dcmodify", [
    "-nb",
    ...modify.flatMap((one) => ["-i", one]),
    "-m",
    `0008,0018=${sop}`,
    ...(study === undefined ? ["-gst", "-gse"] : ["-m", `0020,000d=${study}`, "-m", `0020,000e=${study}.1`]),
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

  it("find and fetch it by DICOM as well: DCMTK has the same bytes from the other's DICOM port", async () => {
    const { host, port, aet } = chc.dicom;
    const [[sop, dataSet] = ["", Buffer.alloc(0)]] = sent;
    const peer = ["-S", "-aec", aet, host, String(port)];
    const key = ["-k", "0008,0052=IMAGE", "-k", `0008,0018=${sop}`, "-k", "0010,0020"];
    const { stdout, stderr } = await run("findscu", [...peer, ...key], { env });
    expect(stdout + stderr).toContain("KD-778812");
    const into = join(folder, "fetched");
    mkdirSync(into);
    await run("getscu", ["+B", "-od", into, ...peer, ...key], { env });
    const fetched = readdirSync(into).map((name) => Buffer.from(dataSetOf(toBytes(readFileSync(join(into, name))))));
    expect(fetched).toHaveLength(1);
    expect(fetched[0]?.equals(dataSet)).toBe(true);
  });
});

describe.runIf(hasOrthanc())("a PACS that we did not write (Orthanc)", () => {
  let orthanc: Orthanc;
  const uid = `1.2.826.0.1.3680043.9.7778.${Date.now()}`;

  beforeAll(async () => {
    const base = await findFreeBase(24_400);
    orthanc = await startOrthanc({
      httpPort: base + 1,
      dicomPort: base + 2,
      servers: { clinic: { url: `${chc.dicomweb}/`, token: chc.token } },
      modalities: { centre: kdc.dicom, clinic: chc.dicom },
    });
  }, 60_000);
  afterAll(() => orthanc?.stop());

  it("sends a series to one institution, and another's systems have its bytes", async () => {
    const series = new Map(await Promise.all(SENT_BY_ORTHANC.map((n) => prepareSlice(n, uid))));
    const uploaded = await Promise.all(
      SENT_BY_ORTHANC.map((n) =>
        orthanc.call("/instances", { method: "POST", body: readFileSync(join(folder, `${n}.dcm`)) }),
      ),
    );
    const ids = z.array(z.object({ ID: z.string() })).parse(uploaded);
    const body = JSON.stringify(ids.map(({ ID }) => ID));
    const told = await orthanc.call("/modalities/centre/store", { method: "POST", body });
    expect(told).toMatchObject({ InstancesCount: SENT_BY_ORTHANC.length, FailedInstancesCount: 0 });
    for (const [sop, dataSet] of series) {
      await awaitValue(async () => {
        const found = await ask(`/instances?SOPInstanceUID=${sop}`, "application/dicom+json");
        return found.status === 200 ? true : undefined;
      }, sop);
      expect(Buffer.from(dataSetOf(await fetchInstance(sop))).equals(dataSet)).toBe(true);
    }
  });

  it("queries the other institution by DICOM", async () => {
    const body = JSON.stringify({ Level: "Study", Query: { PatientID: "KD-778812", StudyInstanceUID: uid } });
    const query = z
      .object({ ID: z.string() })
      .parse(await orthanc.call("/modalities/clinic/query", { method: "POST", body }));
    const answers = await orthanc.call(`/queries/${query.ID}/answers?expand&simplify`);
    expect(answers).toMatchObject([{ PatientID: "KD-778812", StudyInstanceUID: uid }]);
  });

  it("reads the other institution's DICOMweb as its own archive", async () => {
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

/** What is used of dicomweb-client, as it behaves; its own types say other things. */
type DicomWebClient = {
  readonly storeInstances: (options: { readonly datasets: readonly ArrayBuffer[] }) => Promise<void>;
  readonly searchForStudies: (options: { readonly queryParams: object }) => Promise<readonly unknown[]>;
  readonly retrieveInstance: (path: object) => Promise<ArrayBuffer>;
  readonly retrieveInstanceMetadata: (path: object) => Promise<unknown>;
  readonly retrieveInstanceFrames: (path: object) => Promise<readonly ArrayBuffer[]>;
  readonly retrieveInstanceRendered: (path: object) => Promise<readonly ArrayBuffer[]>;
};

describe("a DICOMweb client in JavaScript (dicomweb-client)", () => {
  const door = (gateway: typeof kdc) => {
    const headers = { Authorization: `Bearer ${gateway.token}` };
    const options = { url: gateway.dicomweb, headers, verbose: false, singlepart: false };
    return new dicomWeb.DICOMwebClient(options) as unknown as DicomWebClient;
  };

  beforeAll(() => {
    Object.assign(globalThis, { XMLHttpRequest: BrowserRequest });
  });
  afterAll(() => {
    Reflect.deleteProperty(globalThis, "XMLHttpRequest");
  });

  it("stores at one institution; at another it searches, and retrieves file, metadata, frame and picture", async () => {
    const studyUid = `1.2.826.0.1.3680043.9.7779.${Date.now()}`;
    const [sop, dataSet] = await prepareSlice(14, studyUid);
    const file = new Uint8Array(readFileSync(join(folder, "14.dcm")));
    await door(kdc).storeInstances({ datasets: [file.buffer] });
    const client = door(chc);
    const found = await awaitValue(async () => {
      const studies = await client.searchForStudies({ queryParams: { StudyInstanceUID: studyUid } });
      return studies[0];
    }, studyUid);
    expect(found).toMatchObject({ "00100020": { Value: ["KD-778812"] }, "00201208": { Value: [1] } });
    const path = { studyInstanceUID: studyUid, seriesInstanceUID: `${studyUid}.1`, sopInstanceUID: sop };
    const retrieved = new Uint8Array(await client.retrieveInstance(path));
    expect(Buffer.from(dataSetOf(retrieved)).equals(dataSet)).toBe(true);
    expect(await client.retrieveInstanceMetadata(path)).toMatchObject([{ "00280010": { Value: [512] } }]);
    const [frame] = await client.retrieveInstanceFrames({ ...path, frameNumbers: [1] });
    expect(frame?.byteLength).toBe(512 * 512 * 2);
    const [picture] = await client.retrieveInstanceRendered({ ...path, mediaTypes: [{ mediaType: "image/png" }] });
    expect(
      Buffer.from(picture ?? new ArrayBuffer(0))
        .subarray(1, 4)
        .toString("latin1"),
    ).toBe("PNG");
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

  it("of the SMART project (fhirclient) reads there too, page by page", async () => {
    const request = new IncomingMessage(new Socket());
    const client = smart(request, new ServerResponse(request)).client({
      serverUrl: chc.fhir,
      tokenResponse: { access_token: chc.token, token_type: "Bearer" },
    });
    const search = "Observation?patient.identifier=KDC|KD-778812&_count=5";
    const pages = await client.request(search, { pageLimit: 3, flat: true });
    const resources = z.array(z.object({ resourceType: z.literal("Observation"), id: z.string() })).parse(pages);
    expect(resources.length).toBeGreaterThan(5);
    expect(new Set(resources.map(({ id }) => id)).size).toBe(resources.length);
  });
});
