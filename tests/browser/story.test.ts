import { createMllpSender, gatewayOf, hba1cMessage, readDemoWorld } from "@caseroom/testkit";
import type { Browser, Page } from "playwright-core";
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
import { tellScanStory } from "./scan-story.ts";

const world = readDemoWorld(inject("worldFolder"));
const CASE = "Chan Tai Man, cardiac surgery";
const WAIT = { timeout: 60_000 };
let browser: Browser;
let cheung: Person;
let wong: Person;

beforeAll(async () => {
  browser = await openBrowser();
  cheung = await openPerson(browser, world, "cheung");
  wong = await openPerson(browser, world, "wong");
});
afterAll(async () => {
  await browser?.close();
});

describe("a case across two institutions, in two browsers", () => {
  it("begins with signing in: password and one-time code, and the first device is enrolled", async () => {
    await takePicture(cheung.page, "sign-in-desktop-light-en");
    await expectAccessible(cheung.page);
    await signIn(world, "cheung", cheung.page);
    await cheung.page.getByText(CASE).first().waitFor(WAIT);
    await takePicture(cheung.page, "home-desktop-light-en");
    await expectAccessible(cheung.page);
    await signIn(world, "wong", wong.page);
    await wong.page.getByText(CASE).first().waitFor(WAIT);
  });

  it("shows whose record it is, and the record assembled from every institution", async () => {
    for (const { page } of [cheung, wong]) await openCase(page);
    const { page } = cheung;
    await page.getByRole("tab", { name: "Summary" }).waitFor(WAIT);
    await page.getByText("Kowloon Diagnostic Centre").first().waitFor(WAIT);
    await takePicture(page, "summary-desktop-light-en");
    await expectAccessible(page);
  });

  it("a result sent to the laboratory appears in the other doctor's trend within moments", async () => {
    const { page } = wong;
    await page.getByRole("tab", { name: "Results" }).click();
    await page
      .getByRole("button", { name: /hemoglobin a1c|hba1c/i })
      .first()
      .click();
    const laboratory = createMllpSender(gatewayOf(world, "kdc").mllp);
    const answer = await laboratory.send(
      hba1cMessage({ controlId: `story-${Date.now()}`, percent: "7.85", at: "20261125083000+0800" }),
    );
    laboratory.close();
    expect(answer).toMatch(/^MSA\|AA\|/m);
    await page.getByText("7.85").first().waitFor(WAIT);
    await takePicture(page, "trend-desktop-light-en");
    await expectAccessible(page);
  });

  it("every fact opens its source with the original bytes", async () => {
    const { page } = wong;
    await page.getByRole("table").getByText("Kowloon Diagnostic Centre").first().click();
    const drawer = page.getByRole("dialog");
    await drawer.getByText("Kowloon Diagnostic Centre").first().waitFor(WAIT);
    await takePicture(page, "source-desktop-light-en");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "hidden" });
  });

  it("the two doctors talk, and see that they have been read", async () => {
    await say(cheung.page, "HbA1c is 7.85. Shall we go ahead on Monday?");
    await wong.page.getByText("Shall we go ahead on Monday?").first().waitFor(WAIT);
    await say(wong.page, "Yes. Theatre 2, at eight.");
    await cheung.page.getByText("Theatre 2, at eight.").first().waitFor(WAIT);
    await cheung.page
      .getByText(/read by/i)
      .first()
      .waitFor(WAIT)
      .catch(() => cheung.page.getByLabel(/^read/i).last().waitFor(WAIT));
    await cheung.page.getByRole("tab", { name: "Summary" }).click();
    await takePicture(cheung.page, "case-desktop-light-en");
    await expectAccessible(cheung.page);
  });

  it("files that are dropped anywhere go into one's own institution's records, and what is not read says why", async () => {
    const { page } = wong;
    const patient = {
      resourceType: "Patient",
      identifier: [{ system: "HGH", value: "H-DROP-1" }],
      name: [{ family: "Lo" }],
    };
    const files = [
      { name: "record.json", text: JSON.stringify(patient) },
      { name: "notes.txt", text: "remember the milk" },
    ];
    const transfer = await page.evaluateHandle((dropped) => {
      const data = new DataTransfer();
      for (const { name, text } of dropped) data.items.add(new File([text], name));
      return data;
    }, files);
    await page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
    await page.getByText("Drop to import").waitFor(WAIT);
    await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
    await page.getByText("1 file read").first().waitFor(WAIT);
    await page.getByText("no FHIR record, C-CDA document, HL7 v2 message or DICOM image").waitFor(WAIT);
    await takePicture(page, "import-desktop-light-en");
    await expectAccessible(page);
    await page.setViewportSize(PHONE);
    await takePicture(page, "import-phone-light-en");
    await page.emulateMedia({ colorScheme: "dark" });
    await chooseLanguage(page, "العربية");
    await takePicture(page, "import-phone-dark-ar");
    await expectAccessible(page);
    await page.setViewportSize(DESKTOP);
    await takePicture(page, "import-desktop-dark-ar");
    await page.emulateMedia({ colorScheme: "light" });
    await chooseLanguage(page, "English");
    await page.getByRole("link", { name: "All cases" }).click();
    await openCase(page);
  });

  it("reads as well in the dark, on a phone, and from right to left", async () => {
    const { page } = wong;
    await page.emulateMedia({ colorScheme: "dark" });
    await takePicture(page, "case-desktop-dark-en");
    await expectAccessible(page);
    await page.setViewportSize(PHONE);
    await takePicture(page, "case-phone-dark-en");
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: "light" });
    await chooseLanguage(page, "العربية");
    await takePicture(page, "case-phone-light-ar");
    await expectAccessible(page);
    await page.setViewportSize(DESKTOP);
    await takePicture(page, "case-desktop-light-ar");
    expect(await page.evaluate(() => document.documentElement.dir)).toBe("rtl");
    await chooseLanguage(page, "English");
  });

  it("a further device comes in only when its code is typed on the first", async () => {
    const phone = await openPerson(browser, world, "wong", { viewport: PHONE });
    await signIn(world, "wong", phone.page);
    const code = phone.page.getByText(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/).first();
    await code.waitFor(WAIT);
    await takePicture(phone.page, "pairing-phone-light-en");
    await expectAccessible(phone.page);
    const typed = await code.textContent();
    await wong.page.getByRole("button", { name: "Review" }).click(WAIT);
    await wong.page.getByLabel("Pairing code").fill("0000-0000-0000-0000");
    await wong.page.getByRole("button", { name: "Approve" }).click();
    await wong.page.getByRole("dialog").getByRole("alert").first().waitFor(WAIT);
    await wong.page.getByLabel("Pairing code").fill(typed ?? "");
    await wong.page.getByRole("button", { name: "Approve" }).click();
    await phone.page.getByText(CASE).first().waitFor(WAIT);
    await takePicture(phone.page, "home-phone-light-en");
    await phone.close();
  });
});

describe("a scan made at one institution, read by two doctors at two others", () => {
  tellScanStory(world, () => ({ cheung, wong }));

  it("nothing went wrong behind the screens", () => {
    expect(cheung.problems).toEqual([]);
    expect(wong.problems).toEqual([]);
  });
});

async function openCase(page: Page): Promise<void> {
  await page.getByText(CASE).first().click();
  await page.getByLabel("Message").waitFor(WAIT);
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message").fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}
