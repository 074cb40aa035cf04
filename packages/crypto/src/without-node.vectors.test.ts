import { expect, it, vi } from "vitest";

// Everything again as a browser has it: by WebCrypto, and by noble where that is synchronous.
vi.mock("./native-crypto.ts", () => ({ nativeCrypto: undefined }));
vi.mock("./native-cipher.ts", () => ({ nativeCipher: undefined }));

await import("./primitives.vectors.test.ts");
await import("./floe.vectors.test.ts");
await import("./merkle.vectors.test.ts");
await import("./sealing.test.ts");

it("runs the tests above without Node's own functions", async () => {
  const [{ nativeCrypto }, { nativeCipher }] = [await import("./native-crypto.ts"), await import("./native-cipher.ts")];
  expect([nativeCrypto, nativeCipher]).toEqual([undefined, undefined]);
});
