// For everyone: small screens, no mouse, screen readers, less than the browser usually grants.

import assert from "node:assert/strict";
import { journey } from "./harness.js";
import { answered, ask, box, button, clean, PHONE } from "./page.js";

const ADDRESSES = [
  "", "translate/", "summarize/", "embed/", "detect/", "find/", "segment/", "depth/", "classify/", "caption/", "vqa/", "itm/", "transcribe/", "classify_sound/",
  "runs/", "models/",
];

for (const colorScheme of ["light", "dark"]) {
  for (const address of ADDRESSES) {
    journey(`axe finds nothing at /${address} in ${colorScheme}`, { colorScheme, bypassCSP: true },
      async ({ page, open, shot }) => {
        await open(address);
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        if (address === "") {
          await ask(page, "What is 2 plus 2?");
          await answered(page, 0);
        }
        await shot(`${address.replace("/", "") || "chat"}-${colorScheme}`);
        await clean(page);
      });
  }
}

for (const address of ADDRESSES) {
  journey(`nothing sticks out of a phone at /${address}`, PHONE, async ({ page, open, shot }) => {
    await open(address);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    if (address === "") {
      await ask(page, "What is the capital of Italy?");
      await answered(page, 0);
      const right = (selector) => page.locator(selector).evaluate((element) => element.getBoundingClientRect().right);
      assert.equal(await right(".writing"), await right(".bar"), "what is written ends where the bar does");
    }
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} px of content in ${window} px`);
    await shot(`phone-${address.replace("/", "") || "chat"}`);
  });
}

/** Whether what has the focus looks otherwise than without it. */
const showsFocus = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const around = [element, element.parentElement];
    const look = () => around.map((e) => getComputedStyle(e)).map((s) => [s.outline, s.boxShadow, s.borderColor]).join();
    const focused = look();
    element.blur();
    const plain = look();
    element.focus();
    return focused !== plain;
  });

/** Presses a key until `reached`; whatever has the focus on the way can be seen to have it. */
async function walk(page, key, reached, what) {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press(key);
    const here = await page.evaluate(() => document.activeElement.outerHTML.slice(0, 120));
    assert.ok(await showsFocus(page), `the focus is not to be seen at ${here}`);
    if (await reached()) return;
  }
  assert.fail(`${key} does not reach ${what}`);
}

journey("a conversation needs no mouse", async ({ page, open }) => {
  await open();
  await box(page).waitFor();
  const has = (locator) => locator.evaluate((element) => element.contains(document.activeElement));
  await walk(page, "Tab", () => has(box(page)), "the message");
  await page.keyboard.type("What is 3 plus 4?");
  await page.keyboard.press("Enter");
  assert.ok((await answered(page, 0)).length > 0);
  await walk(page, "Shift+Tab", () => has(button(page, "Settings")), "the settings");
  await page.keyboard.press("Enter");
  const settings = page.getByRole("complementary", { name: "Settings" });
  await walk(page, "Tab", () => has(settings), "what the settings hold");
  await page.keyboard.press("Escape");
  await settings.waitFor({ state: "hidden" });
  assert.ok(await has(button(page, "Settings")), "the focus goes back to where it came from");
});

journey("a browser that denies storage still chats, and says what it cannot keep",
  { serviceWorkers: "block", expected: [/denied|sw\.js|service worker/i] },
  async ({ page, open }) => {
    const denied = "navigator.storage.getDirectory = () => Promise.reject(new DOMException('denied', 'SecurityError'));";
    await page.context().addInitScript(denied);
    await page.context().route("**/engine.js*", async (route) => {
      const reply = await route.fetch();
      await route.fulfill({ response: reply, body: denied + (await reply.text()) });
    });
    await open();
    await ask(page, "What is 2 plus 2?");
    assert.ok((await answered(page, 0)).length > 0);
    await open("models/");
    await page.getByText(/keeps no files/).first().waitFor();
  });
