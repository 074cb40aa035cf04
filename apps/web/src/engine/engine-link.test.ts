// @vitest-environment jsdom
import { act, renderHook, waitFor } from "@testing-library/react";
import { createElement, type ReactNode } from "react";
import { describe, expect, it } from "vitest";
import type { EngineEvent } from "./engine.ts";
import { openEngineLink } from "./engine-link.ts";
import { createPretendEngine } from "./pretend-engine-for-testing.ts";
import { EngineProvider, useEngineValue } from "./use-engine.tsx";

describe("a screen", () => {
  it("reads again when the engine says that what it shows has changed, and only then", async () => {
    let announce: (event: EngineEvent) => void = () => {};
    let answers = 0;
    const link = openEngineLink(() => ({
      ...createPretendEngine("ready"),
      subscribe: async (listener) => {
        announce = listener;
      },
    }));
    const wrapper = ({ children }: { children: ReactNode }) => createElement(EngineProvider, { link, children });
    const { result } = renderHook(
      () =>
        useEngineValue({ type: "cases" }, async () => {
          answers += 1;
          return answers;
        }),
      { wrapper },
    );
    await waitFor(() => expect(result.current).toBe(1));
    act(() => announce({ type: "alarms" }));
    act(() => announce({ type: "cases" }));
    await waitFor(() => expect(result.current).toBe(2));
  });

  it("learns that the engine has stopped, instead of showing old facts as if they were new", async () => {
    const link = openEngineLink(() => ({
      ...createPretendEngine("ready"),
      cases: () => Promise.reject(new Error("the worker is gone")),
    }));
    let crashed = false;
    link.onCrash(() => {
      crashed = true;
    });
    const wrapper = ({ children }: { children: ReactNode }) => createElement(EngineProvider, { link, children });
    renderHook(() => useEngineValue({ type: "cases" }, (engine) => engine.cases()), { wrapper });
    await waitFor(() => expect(crashed).toBe(true));
  });
});
