import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type DemoWorld, freshCode, gatewayOf } from "@caseroom/testkit";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

/** Debian's Chromium; `npm test` installs it where it may, and says what to do where it may not. */
const CHROMIUM = process.env.CASEROOM_CHROMIUM ?? "/usr/bin/chromium";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Where pictures go: into the documents when they are asked for, out of the way otherwise. */
const PICTURES = process.env.CASEROOM_PICTURES ?? join(process.env.TMPDIR ?? "/tmp", "caseroom-pictures");

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export async function openBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM))
    throw new Error(
      "the screens are tested in Chromium: install it (apt-get install chromium) or set CASEROOM_CHROMIUM",
    );
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
}

export type Person = { readonly page: Page; readonly problems: readonly string[]; readonly close: () => Promise<void> };

/** A person's browser with nothing in it, at their own gateway. */
export async function openPerson(
  browser: Browser,
  world: DemoWorld,
  login: string,
  options: BrowserContextOptions = {},
): Promise<Person> {
  const person = world.people.find((one) => one.login === login);
  if (person === undefined) throw new RangeError(`nobody signs in as ${login}`);
  const context = await browser.newContext({
    viewport: DESKTOP,
    locale: "en-GB",
    timezoneId: "Asia/Hong_Kong",
    ...options,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    // A refused request is logged by the browser itself; what the page makes of it is tested on the screen.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      problems.push(message.text());
  });
  await page.goto(gatewayOf(world, person.gateway).url);
  return { page, problems, close: () => context.close() };
}

export async function signIn(world: DemoWorld, login: string, page: Page): Promise<void> {
  const person = world.people.find((one) => one.login === login);
  if (person === undefined) throw new RangeError(`nobody signs in as ${login}`);
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByLabel("One-time code").first().click();
  await page.keyboard.type(await freshCode(world, login));
  const button = page.getByRole("button", { name: "Sign in" });
  // The last digit may have sent the form already.
  await button.click({ timeout: 2000 }).catch(() => undefined);
}

export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: "disabled" });
}

/** No finding of axe-core (WCAG 2.2 A and AA) on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  // The policy of the page forbids scripts of others: axe comes in through the debugger, not through the page.
  const findings: unknown = await page.evaluate(`(async () => {
    ${AXE};
    const result = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    return result.violations.map((one) => one.id + ": " + one.nodes.map((node) => node.target.join(" ") + " " + (node.any[0]?.message ?? "")).join(" | "));
  })()`);
  expect(findings).toEqual([]);
}

export async function chooseLanguage(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: /settings|الإعدادات/i }).click();
  await page.getByText(name, { exact: true }).first().click();
  await page.keyboard.press("Escape");
}
