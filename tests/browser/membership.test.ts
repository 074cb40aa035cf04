import { createMllpSender, gatewayOf, hba1cMessage, readDemoWorld } from "@caseroom/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  chooseLanguage,
  DESKTOP,
  expectAccessible,
  openBrowser,
  openPerson,
  type Person,
  PHONE,
  signIn,
  takePicture,
} from "./browser.ts";

const world = readDemoWorld(inject("worldFolder"));
const WAIT = { timeout: 60_000 };
let browser: Browser;
let yip: Person;
let tang: Person;

beforeAll(async () => {
  browser = await openBrowser();
  yip = await openPerson(browser, world, "yip");
  tang = await openPerson(browser, world, "tang");
  await signIn(world, "yip", yip.page);
  await signIn(world, "tang", tang.page);
});
afterAll(async () => {
  await browser?.close();
});

describe("a new case", () => {
  it("is created for a patient of one's own institution, and a colleague of another is invited", async () => {
    const { page } = yip;
    await page.getByRole("button", { name: "New case" }).first().click(WAIT);
    await page.getByLabel("Find a patient").fill("Wong");
    await page.getByRole("button", { name: /Wong Siu Ling/ }).click(WAIT);
    await page.getByLabel("Name of the case").fill("Wong Siu Ling, chest pain");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByLabel("Find colleagues").fill("Tang");
    const tangs = page.getByRole("listitem").filter({ hasText: "Tang Kwok Keung" });
    await tangs.getByRole("button", { name: /add/i }).click(WAIT);
    await takePicture(page, "create-case-desktop-light-en");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByRole("button", { name: "Create case" }).click();
    await page.getByLabel("Message").waitFor(WAIT);
  });

  it("shows the invitation to the colleague, who accepts and is in the room", async () => {
    const { page } = tang;
    await page.getByRole("button", { name: "Accept" }).first().waitFor(WAIT);
    await takePicture(page, "invitation-desktop-light-en");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Accept" }).first().click();
    // The case, not the invitation of the same name that is still there.
    await page
      .getByRole("link", { name: /Wong Siu Ling, chest pain/ })
      .first()
      .click(WAIT);
    await page.getByLabel("Message").waitFor(WAIT);
    await yip.page.getByLabel("Message").fill("Please repeat the troponin.");
    await yip.page.getByRole("button", { name: "Send" }).click();
    await page.getByText("Please repeat the troponin.").first().waitFor(WAIT);
  });

  it("a person removed from it opens nothing newer", async () => {
    const { page } = yip;
    await page.getByRole("tab", { name: "Team" }).click();
    await page.getByText("Tang Kwok Keung").first().waitFor(WAIT);
    await takePicture(page, "team-desktop-light-en");
    await expectAccessible(page);
    await page
      .getByRole("button", { name: /^remove/i })
      .first()
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page
      .getByText(/tang kwok keung.*was removed/i)
      .first()
      .waitFor(WAIT);
    await page.getByLabel("Message").fill("Now without Tang.");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("Now without Tang.").first().waitFor(WAIT);
    await tang.page.waitForTimeout(2000);
    expect(await tang.page.getByText("Now without Tang.").count()).toBe(0);
    await takePicture(tang.page, "removed-desktop-light-en");
  });
});

describe("a result with another birth date", () => {
  it("waits at the laboratory's institution, is corrected there at the faulty place, and is sent in again", async () => {
    const laboratory = createMllpSender(gatewayOf(world, "kdc").mllp);
    const patient = "PID|1||KD-778812^^^KDC^MR||Chan^Tai Man||19580731|M";
    const controlId = `screen-${Date.now()}`;
    await laboratory.send(hba1cMessage({ controlId, percent: "6.625", at: "20261124120000+0800", patient }));
    laboratory.close();
    const { page } = tang;
    await page.getByRole("link", { name: "Caseroom" }).click();
    await page.getByRole("link", { name: /Not taken in/ }).click(WAIT);
    const row = page.getByRole("link", { name: /Another birth date than on record/ }).first();
    await row.waitFor(WAIT);
    await takePicture(page, "quarantine-desktop-light-en");
    await expectAccessible(page);
    await row.click();
    expect(await page.locator("mark").first().textContent(WAIT)).toBe("19580731");
    await takePicture(page, "quarantine-item-desktop-light-en");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Send in again" }).click();
    await page.getByRole("alert").getByText("It was not taken in").waitFor(WAIT);
    await page.getByRole("button", { name: "Correct" }).click();
    // The faulty place is selected: what is typed replaces it.
    await page.keyboard.type("19570731");
    await takePicture(page, "quarantine-repair-desktop-light-en");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Save as version 2" }).click();
    await page.getByText("Nothing contradicts the record").first().waitFor(WAIT);
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: "dark" });
    await chooseLanguage(page, "العربية");
    await takePicture(page, "quarantine-item-phone-dark-ar");
    await expectAccessible(page);
    await chooseLanguage(page, "English");
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(DESKTOP);
    await page.getByRole("button", { name: "Send in again" }).click();
    await page.getByText("It was taken in.").first().waitFor(WAIT);
  });

  it("a link between a record and a case is undone and made again by a person, both records side by side", async () => {
    const { page } = tang;
    await page.getByRole("link", { name: "Caseroom" }).click();
    await page.getByRole("link", { name: /Records and cases/ }).click(WAIT);
    const link = page.getByRole("article", { name: /Chan Tai Man, cardiac surgery/ });
    await link.getByText("Record at Kowloon Diagnostic Centre").waitFor(WAIT);
    await takePicture(page, "links-desktop-light-en");
    await expectAccessible(page);
    await link.getByRole("button", { name: "Undo the link" }).click();
    await link.getByRole("button", { name: "Look at it again" }).click(WAIT);
    await link.getByRole("button", { name: "Same person" }).click(WAIT);
    await link.getByText("Tang Kwok Keung").waitFor(WAIT);
    await link.getByRole("button", { name: "Undo the link" }).waitFor(WAIT);
  });

  it("nothing went wrong behind the screens", () => {
    expect(yip.problems).toEqual([]);
    expect(tang.problems).toEqual([]);
  });
});
