// For everyone: small screens, no mouse, screen readers, less than the browser usually grants.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { journey } from "./harness.js";
import { answered, ask, box } from "./page.js";

const AXE = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const ADDRESSES = ["", "models/"];
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

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
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => self.axe.run());
        const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(" | ")}`);
        await shot(`${address.replace("/", "") || "chat"}-${colorScheme}`);
        assert.deepEqual(told, []);
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
    }
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} px of content in ${window} px`);
    await shot(`phone-${address.replace("/", "") || "chat"}`);
  });
}

journey("a conversation needs no mouse", async ({ page, open }) => {
  await open();
  await box(page).waitFor();
  const isBox = () => box(page).evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 40 && !(await isBox()); presses += 1) await page.keyboard.press("Tab");
  assert.ok(await isBox(), "the tab key reaches the message");
  await page.keyboard.type("What is 3 plus 4?");
  await page.keyboard.press("Enter");
  assert.ok((await answered(page, 0)).length > 0);
  // Whatever has the focus can be seen to have it.
  await page.keyboard.press("Tab");
  const seen = await page.evaluate(() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" || style.boxShadow !== "none";
  });
  assert.ok(seen, "the focus is visible");
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
    await page.getByText(/storage|private|den/i).first().waitFor();
  });
