import type { ErrorCode, Failure, Result } from "@caseroom/contract";
import { imageLoader } from "@cornerstonejs/core";
import type { ImageObject } from "../engine/imaging.ts";
import { ImageFailure, imageIdOf, parsed, purgeCornerstone, startCornerstone } from "./cornerstone.ts";
import { fetchOrder, type Stack, type StackImage } from "./stack.ts";

/** The images of one study on their way from the engine to the screen. */
export type ImageSource = {
  readonly idOf: (image: StackImage) => string;
  /** Resolves when the image can be painted at once. */
  readonly ready: (image: StackImage) => Promise<undefined | { readonly failure: ErrorCode | "undecodable" }>;
  /** Fetches a stack from where the reader is outwards; a later call takes over from an earlier one. */
  readonly fetchAround: (stack: Stack, index: number) => void;
  /** How many images of the stack are here. */
  readonly arrived: (stack: Stack) => number;
  readonly subscribe: (listener: () => void) => () => void;
  readonly close: () => void;
};

type Fetch = (series: string, sop: string) => Promise<Result<ArrayBuffer, Failure>>;

const AT_ONCE = 3;
/** Decoded images and opened files together; a phone has no more to give. */
const MAX_AHEAD_BYTES = 1_073_741_824;

export function openImageSource(fetch: Fetch): ImageSource {
  const objects: { readonly series: string; readonly sop: string }[] = [];
  const numbers = new Map<string, number>();
  const here = new Set<string>();
  const failed = new Set<string>();
  const listeners = new Set<() => void>();
  let run = 0;
  let isClosed = false;

  startCornerstone(async (number) => {
    const entry = objects[number];
    if (entry === undefined) throw new ImageFailure("NOT_FOUND");
    const result = await fetch(entry.series, entry.sop);
    if (!result.ok) throw new ImageFailure(result.error.code);
    return result.value;
  });

  const numberOf = ({ series, object: { sop } }: StackImage): number => {
    const number = numbers.get(sop) ?? objects.push({ series, sop }) - 1;
    numbers.set(sop, number);
    return number;
  };
  const idOf: ImageSource["idOf"] = (image) =>
    imageIdOf(numberOf(image), image.object.frames > 1 ? image.frame : undefined);

  const ready: ImageSource["ready"] = async (image) => {
    const id = idOf(image);
    try {
      await parsed(numberOf(image));
      if (isClosed) throw new ImageFailure("closed");
      await imageLoader.loadAndCacheImage(id);
      failed.delete(id);
      if (!here.has(id)) {
        here.add(id);
        for (const listener of listeners) listener();
      }
      return undefined;
    } catch (error) {
      failed.add(id);
      return { failure: failureOf(error) };
    }
  };

  return {
    idOf,
    ready,
    fetchAround: (stack, index) => {
      const mine = ++run;
      let ahead = 0;
      const waiting = fetchOrder(stack.images.length, index).flatMap((at) => stack.images[at] ?? []);
      const fetchNext = async (): Promise<void> => {
        for (let image = waiting.shift(); image !== undefined && mine === run; image = waiting.shift()) {
          const id = idOf(image);
          ahead += 2 * bytesOf(image.object);
          if (ahead > MAX_AHEAD_BYTES) return;
          if (!here.has(id) && !failed.has(id)) await ready(image);
        }
      };
      // What fails is said when the reader comes to it.
      for (let lane = 0; lane < AT_ONCE; lane++) void fetchNext();
    },
    arrived: ({ images }) => images.filter((image) => here.has(idOf(image))).length,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      isClosed = true;
      run++;
      listeners.clear();
      here.clear();
      purgeCornerstone();
    },
  };
}

function bytesOf({ rows, columns }: ImageObject): number {
  return rows * columns * 2;
}

const CODES = [
  "OFFLINE",
  "UNAVAILABLE",
  "NOT_FOUND",
  "BLOB_INVALID",
  "BLOB_INCOMPLETE",
  "WRAP_MISSING",
  "FORBIDDEN",
  "SESSION_REQUIRED",
  "TOO_MANY_REQUESTS",
] as const;

function failureOf(error: unknown): ErrorCode | "undecodable" {
  // Cornerstone wraps what its loaders throw, or not.
  const inner: unknown = typeof error === "object" && error !== null && "error" in error ? error.error : error;
  const reason = inner instanceof ImageFailure ? inner.reason : undefined;
  return (
    CODES.find((code) => code === reason) ??
    (reason === undefined || reason === "damaged" ? "undecodable" : "BLOB_INVALID")
  );
}
