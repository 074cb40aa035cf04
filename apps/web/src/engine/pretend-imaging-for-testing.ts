import { err, type Failure, failure, ok, type Result, type SpaceId, type UserId } from "@caseroom/contract";
import objects from "../../../../fixtures/dicom/viewer/objects.json";
import { seriesViews } from "../worker/imaging-study.ts";
import type { Engine, Me } from "./engine.ts";
import type { ImageMarkView, ImagingCard, ImagingStudy, ImagingView, StudyView } from "./imaging.ts";

const FILES = import.meta.glob<string>("../../../../fixtures/dicom/viewer/*.dcm", {
  query: "?url",
  import: "default",
  eager: true,
});

type PretendStudy = { readonly facts: Omit<ImagingStudy, "images" | "series">; readonly files: RegExp };

const KDC = "Kowloon Diagnostic Centre";
const HGH = "Harbour General Hospital";
const STUDIES: readonly PretendStudy[] = [
  study("ct", "2026-11-24T09:12:00", ["CT"], "CT head without contrast", "Head", HGH, /^ct-head/, 22),
  study("us", "2026-11-20T14:02:00", ["US"], "Echocardiography", "Heart", HGH, /^us-cine/),
  study("dx", "2026-11-18T10:47:00", ["DX"], "Chest X-ray", "Thorax", KDC, /^dx/),
  study("mr", "2026-10-02", ["MR"], undefined, undefined, KDC, /^mr-/),
  study("doc", undefined, ["SR", "DOC"], "Report of the outside hospital", undefined, KDC, /^(report|document)/),
];

function study(
  name: string,
  when: string | undefined,
  modalities: readonly string[],
  description: string | undefined,
  bodyPart: string | undefined,
  institution: string,
  files: RegExp,
  expected?: number,
): PretendStudy {
  return { facts: { study: name, when, modalities, description, bodyPart, institution, expected }, files };
}

const filesOf = ({ files }: PretendStudy) => objects.filter(({ file }) => files.test(file));

function viewOf(one: PretendStudy): ImagingStudy {
  const files = filesOf(one);
  return { ...one.facts, images: files.length, series: new Set(files.map(({ series }) => series)).size };
}

function framesIn(header: object): unknown {
  const element: unknown = Reflect.get(header, "00280008");
  return typeof element === "object" && element !== null ? Reflect.get(element, "Value")?.[0] : 1;
}

/** The card of the head CT, as it stands in the pretended room. */
export function pretendImagingCard(): ImagingCard | undefined {
  const [first] = STUDIES;
  return first && viewOf(first);
}

type ImagingPart = Pick<
  Engine,
  "imaging" | "study" | "imageObject" | "closeStudy" | "imageMarks" | "addImageMark" | "removeImageMark"
>;

/** Images of the pretended patient: real files, and marks that live as long as the page. */
export function pretendImaging(deps: {
  readonly caseId: SpaceId;
  readonly me: Me;
  readonly other: { readonly userId: UserId; readonly name: string; readonly institution: string };
  readonly hasImages: boolean;
  readonly tell: (spaceId: SpaceId) => void;
}): ImagingPart {
  const { caseId, me, other, tell } = deps;
  let marks: ImageMarkView[] = [];
  const first = objects.find(({ file }) => file === "ct-head-11.dcm");
  if (first !== undefined)
    marks.push({
      id: "other-1",
      kind: "arrow",
      sop: first.sop,
      frame: 1,
      space: "patient",
      points: [
        [-30_000, -40_000, 48_036],
        [-60_000, -75_000, 48_036],
      ],
      text: "Old infarct?",
      author: other,
      mine: false,
      atMs: Date.now() - 7_200_000,
      state: "stored",
    });
  const author = { userId: me.userId, name: me.name, institution: me.institution };
  const notFound: Result<never, Failure> = err(failure("NOT_FOUND"));

  return {
    imaging: async (spaceId): Promise<ImagingView | undefined> => {
      if (spaceId !== caseId) return undefined;
      const studies = deps.hasImages ? STUDIES.map(viewOf) : [];
      const names = new Set(studies.map(({ institution }) => institution));
      return {
        spaceId,
        studies,
        silentInstitutions: [KDC, HGH, "Central Heart Clinic"].filter((name) => !names.has(name)),
      };
    },
    study: async (_spaceId, name): Promise<Result<StudyView, Failure>> => {
      const found = STUDIES.find(({ facts }) => facts.study === name);
      if (found === undefined) return notFound;
      const indexed = filesOf(found).map(({ header, ...rest }) => ({
        ...rest,
        frames: Array.from({ length: Number(framesIn(header)) }),
        header: JSON.stringify(header),
      }));
      return ok({ ...found.facts, series: seriesViews(indexed, undefined) });
    },
    imageObject: async (_spaceId, { sop }) => {
      const file = objects.find((one) => one.sop === sop)?.file;
      const url = Object.entries(FILES).find(([path]) => path.endsWith(`/${file}`))?.[1];
      if (url === undefined) return notFound;
      const answer = await fetch(url);
      await new Promise((resolve) => setTimeout(resolve, 40));
      return answer.ok ? ok(await answer.arrayBuffer()) : notFound;
    },
    closeStudy: async () => undefined,
    imageMarks: async () => marks,
    addImageMark: async (spaceId, draft) => {
      const id = `mark-${Date.now()}`;
      marks = [...marks, { ...draft, id, author, mine: true, atMs: Date.now(), state: "queued" }];
      tell(spaceId);
      setTimeout(() => {
        marks = marks.map((mark) => (mark.id === id ? { ...mark, state: "stored" } : mark));
        tell(spaceId);
      }, 600);
      return ok();
    },
    removeImageMark: async (spaceId, id) => {
      marks = marks.filter((mark) => mark.id !== id);
      tell(spaceId);
      return ok();
    },
  };
}
