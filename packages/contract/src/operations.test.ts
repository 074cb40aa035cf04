import { describe, expect, it } from "vitest";
import { OPERATIONS } from "./operations.ts";

describe("the operations of the hub", () => {
  it("have one id and one method and path each", () => {
    const ids = OPERATIONS.map((operation) => operation.id);
    const routes = OPERATIONS.map((operation) => `${operation.method} ${operation.path}`);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(routes).size).toBe(routes.length);
  });

  it("name every parameter of their path in their schema", () => {
    for (const operation of OPERATIONS) {
      const inPath = new Set([...operation.path.matchAll(/:(\w+)/g)].map((match) => match[1]));
      expect(new Set(Object.keys(operation.params.def.shape)), operation.id).toEqual(inPath);
    }
  });
});
