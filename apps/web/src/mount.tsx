import "./mantine-styles.ts";
import "@mantine/notifications/styles.css";
import "./theme.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { type BaseLocationHook, Router } from "wouter";
import type { Engine } from "./engine/engine.ts";
import { openEngineLink } from "./engine/engine-link.ts";
import { EngineProvider } from "./engine/use-engine.tsx";
import { App } from "./frame/app.tsx";
import { CrashBoundary } from "./frame/crash.tsx";
import { LanguageDirection } from "./frame/language-direction.tsx";
import { startMessages } from "./messages/language.ts";
import { cssVariables, theme } from "./theme.ts";

type MountOptions = {
  readonly connect: (onCrash: () => void) => Engine;
  /** Where the address is kept; the browser's path unless given. */
  readonly locationHook?: BaseLocationHook;
};

const colorSchemes = localStorageColorSchemeManager({ key: "caseroom.color-scheme" });

/** Shows the app in `#root`. The colour scheme is set before the first paint, so that nobody is dazzled at night. */
export async function mountApp({ connect, locationHook }: MountOptions): Promise<void> {
  const root = document.getElementById("root");
  if (root === null) return;
  const scheme = colorSchemes.get("auto");
  const isDark = scheme === "dark" || (scheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", isDark ? "dark" : "light");
  const link = openEngineLink(connect);
  await startMessages();
  createRoot(root).render(
    <StrictMode>
      <LanguageDirection>
        <MantineProvider
          theme={theme}
          cssVariablesResolver={cssVariables}
          defaultColorScheme="auto"
          colorSchemeManager={colorSchemes}
        >
          <Notifications position="top-center" limit={3} />
          <CrashBoundary>
            <EngineProvider link={link}>
              <Router {...(locationHook === undefined ? {} : { hook: locationHook })}>
                <App />
              </Router>
            </EngineProvider>
          </CrashBoundary>
        </MantineProvider>
      </LanguageDirection>
    </StrictMode>,
  );
}
