// The chat page by the names a screen reader says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { until } from "./harness.js";

const AXE = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
export const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** Axe finds nothing. */
export async function clean(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => self.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" | ")}`), []);
}

/** The text of a file that the menu `Save` offers. */
export async function saved(page, name) {
  await button(page, "Save").click();
  const [download] = await Promise.all([page.waitForEvent("download"), button(page, name).click()]);
  await page.keyboard.press("Escape");
  return readFileSync(await download.path(), "utf8");
}

export const box = (page) => page.getByRole("textbox", { name: /message/i });
export const button = (page, name) => page.getByRole("button", { name });
/** Presses the button of this very name: a field for a file is a button to Chromium, too. */
export const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
export const answers = (page) => page.getByRole("article", { name: /answer/i });

export async function ask(page, text) {
  await box(page).waitFor();
  await box(page).fill(text);
  await box(page).press("Enter");
}

/** Text of answer number `index`, once it is finished. */
export async function answered(page, index) {
  const answer = answers(page).nth(index);
  await answer.waitFor({ timeout: 60_000 });
  await until(async () => !(await button(page, "Stop").isVisible()), "the end of the answer", 120_000);
  return answer.innerText();
}

/** Sets how many answers a question gets. */
export async function answersPerQuestion(page, count) {
  await button(page, "Settings").click();
  await page.getByRole("spinbutton", { name: /^Answers/ }).fill(`${count}`);
  await page.keyboard.press("Tab");
  await button(page, "Close").click();
}

/**
 * Presses Stop as soon as answer number `index` comes; gives the milliseconds until the page can be asked again.
 * To be called before the question is asked: it watches from within the page, as an answer may be done sooner
 * than a word from there gets here.
 */
export const stopMs = (page, index) =>
  page.evaluate((index) => new Promise((resolve) => {
    const press = () => {
      const stop = document.querySelector("button.stop");
      if (!stop || document.querySelectorAll("article.answer").length <= index) return requestAnimationFrame(press);
      const clicked = performance.now();
      const look = () =>
        document.querySelector("button.stop") ? requestAnimationFrame(look) : resolve(performance.now() - clicked);
      stop.click();
      look();
    };
    press();
  }), index);

/** Lets go of a file over a part of the page, as a hand would; its bytes from `from` on stand there `times` times. */
export async function drop(page, name, bytes, onto = "main", { from = 0, times = 1 } = {}) {
  const data = await page.evaluateHandle(([name, base64, from, times]) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes.slice(0, from), ...Array(times).fill(bytes.slice(from))], name));
    return data;
  }, [name, bytes.toString("base64"), from, times]);
  for (const type of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent(onto, type, { dataTransfer: data });
  }
}

/** Lines of a recording that was written down, and their texts. */
export const lines = (page) => page.getByRole("list", { name: "Lines, with their times" }).getByRole("listitem");
export const words = (page) => lines(page).getByRole("textbox", { name: "Text" }).evaluateAll((all) => all.map((one) => one.value));

/** Whether the service worker holds a whole version of the site. */
export const kept = (page) =>
  page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("wick-site-"));
    const whole = await Promise.all(names.map(async (name) => (await caches.open(name)).match("whole.json")));
    return whole.some(Boolean);
  }).catch(() => false); // the page may reload in the middle
