import type { Store } from "@caseroom/client";
import { toBytes } from "@caseroom/contract";
import { describe, expect, it } from "vitest";

/** What every store must do, whatever it is made of. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`a store in ${name}`, () => {
    it("gives back what was put, newest last, and nothing of another table", async () => {
      const store = await open();
      await store.write([
        { table: "feed", key: "a/2", value: toBytes([2]) },
        { table: "feed", key: "a/1", value: toBytes([1]) },
        { table: "feed", key: "b/1", value: toBytes([9]) },
        { table: "value", key: "a/1", value: toBytes([7]) },
      ]);
      await store.write([{ table: "feed", key: "a/2", value: toBytes([3]) }]);
      expect(await store.get("feed", "a/2")).toEqual(toBytes([3]));
      expect(await store.get("feed", "c")).toBeUndefined();
      expect(await store.range("feed", { prefix: "a/" })).toEqual([
        { key: "a/1", value: toBytes([1]) },
        { key: "a/2", value: toBytes([3]) },
      ]);
      await store.close();
    });

    it("walks numbers in their order, from where it is asked to, as far as it is asked to", async () => {
      const store = await open();
      await store.write(
        [9, 10, 100, 2].map((n) => ({ table: "link", key: n.toString().padStart(16, "0"), value: toBytes([n]) })),
      );
      const rows = await store.range("link", { prefix: "", from: "9".padStart(16, "0"), limit: 2 });
      expect(rows.map((row) => row.value[0])).toEqual([9, 10]);
      await store.close();
    });

    it("forgets in the same write in which it keeps", async () => {
      const store = await open();
      await store.write([{ table: "outbox", key: "1", value: toBytes([1]) }]);
      await store.write([
        { table: "outbox", key: "1", value: undefined },
        { table: "counter", key: "me", value: toBytes([5]) },
      ]);
      expect(await store.range("outbox", { prefix: "" })).toEqual([]);
      expect(await store.get("counter", "me")).toEqual(toBytes([5]));
      await store.close();
    });
  });
}
