import type { DemoWorld } from "@caseroom/testkit";
import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { chooseLanguage, DESKTOP, expectAccessible, type Person, PHONE, signIn, takePicture } from "./browser.ts";
import { storeScan } from "./scan-for-testing.ts";

const WAIT = { timeout: 60_000 };

/** Two doctors who are signed in, each in a browser: a scan made at a third institution. Told as a part of their story. */
export function tellScanStory(
  world: DemoWorld,
  people: () => { readonly cheung: Person; readonly wong: Person },
): void {
  let cheung: Person;
  let wong: Person;
  beforeAll(async () => {
    ({ cheung, wong } = people());
    for (const { page } of [cheung, wong]) await openImaging(page);
  });

  it("stands in the record and in the conversation, with where it is from and how much of it has come", async () => {
    expect(await storeScan(world, "kdc", /^ct-head/)).toBe(200);
    const { page } = cheung;
    await page.getByRole("log").getByText("New images from Kowloon Diagnostic Centre").last().waitFor(WAIT);
    const study = page.getByRole("article").filter({ hasText: "HEAD" }).last();
    await study.getByText("Kowloon Diagnostic Centre").waitFor(WAIT);
    await study.getByText("8 images").waitFor(WAIT);
    await takePicture(page, "imaging-desktop-light-en");
    await expectAccessible(page);
  });

  it("opens in the middle, and the rest comes while it is looked at", async () => {
    for (const { page } of [cheung, wong]) await openStudy(page, "HEAD");
    await cheung.page.getByText("4 / 8").waitFor(WAIT);
    await expect.poll(() => arrived(cheung.page), WAIT).toBe(8);
    await cheung.page.keyboard.press("2");
    await cheung.page.getByText("W 80 L 40").waitFor(WAIT);
    await takePicture(cheung.page, "viewer-desktop-en");
    await expectAccessible(cheung.page);
    await cheung.page.keyboard.press("r");
  });

  it("a length and an arrow drawn by one appear on the other's screen", async () => {
    const { page } = cheung;
    await page.keyboard.press("l");
    await drag(page, [0.45, 0.4], [0.55, 0.5]);
    await page.keyboard.press("a");
    await drag(page, [0.5, 0.6], [0.6, 0.7]);
    await page.getByRole("textbox", { name: "What does the arrow point at?" }).fill("Calcified?");
    await page.getByRole("button", { name: "Save" }).click();
    await wong.page.getByText("Calcified?").first().waitFor(WAIT);
    await wong.page
      .getByText(/\d+\.\d mm/)
      .first()
      .waitFor(WAIT);
    await wong.page.getByRole("button", { name: "Marks" }).click();
    await wong.page.getByRole("complementary").getByText("Cheung Heart Clinic").first().waitFor(WAIT);
    await takePicture(wong.page, "viewer-marks-desktop-en");
    await expectAccessible(wong.page);
    // Only one's own can be taken away.
    expect(await wong.page.getByRole("button", { name: /^Remove the mark/ }).count()).toBe(0);
  });

  it("marks are still there after the page was loaded again, and go when their author removes them", async () => {
    const { page } = wong;
    await page.reload();
    // A session does not outlive its page; the address does.
    await signIn(world, "wong", page);
    await page.getByText("4 / 8").waitFor(WAIT);
    await page.getByText("Calcified?").first().waitFor(WAIT);
    await cheung.page.getByRole("button", { name: "Marks" }).click();
    await cheung.page.getByRole("button", { name: "Remove the mark Calcified?" }).click(WAIT);
    await page
      .getByText("Calcified?")
      .first()
      .waitFor({ ...WAIT, state: "hidden" });
    await cheung.page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Calcified?").first().waitFor(WAIT);
  });

  it("reads as well on a phone and from right to left", async () => {
    const { page } = wong;
    await page.setViewportSize(PHONE);
    await page.getByRole("navigation", { name: "Series" }).getByRole("button").first().click();
    await page.getByText("Calcified?").first().waitFor(WAIT);
    await takePicture(page, "viewer-phone-en");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await chooseLanguage(page, "العربية");
    await page.setViewportSize(DESKTOP);
    await openStudyAgain(page);
    await page.getByText("4 / 8").waitFor(WAIT);
    await takePicture(page, "viewer-desktop-ar");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await chooseLanguage(page, "English");
  });
}

async function openImaging(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "Imaging" }).click(WAIT);
}

async function openStudy(page: Page, name: string): Promise<void> {
  await page
    .getByRole("button", { name: `Open images: ${name}` })
    .last()
    .click(WAIT);
}

async function openStudyAgain(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "الصور" }).click(WAIT);
  await page.getByRole("button", { name: /HEAD/ }).last().click(WAIT);
}

async function arrived(page: Page): Promise<number> {
  return page.getByRole("progressbar").evaluate((bar: HTMLProgressElement) => bar.value);
}

/** From one place of the image to another, in parts of its width and height. */
async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const box = await page.getByRole("img", { name: /^Image \d+ of/ }).boundingBox();
  if (box === null) throw new RangeError("no image");
  const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 6 });
  await page.mouse.up();
}
