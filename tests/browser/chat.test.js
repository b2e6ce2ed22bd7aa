// A conversation, from the first visit on.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { journey, until } from "./harness.js";
import { answers, ask, box, button, answered } from "./page.js";

const TINY = (family) => readFileSync(join(import.meta.dirname, `../golden/decoder/${family}/model-float.gguf`));

/** Lets go of a file over the page, as a hand would. */
async function drop(page, name, bytes) {
  const data = await page.evaluateHandle(([name, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name));
    return data;
  }, [name, bytes.toString("base64")]);
  for (const type of ["dragenter", "dragover", "drop"]) {
    await page.dispatchEvent("main", type, { dataTransfer: data });
  }
}

journey("a stranger asks, stops, reloads and goes on", async ({ page, open, shot }) => {
  const opened = Date.now();
  await open();
  await ask(page, "What is the capital of France?");
  const first = await answered(page, 0);
  console.log(`first answer ${Date.now() - opened} ms after opening`);
  assert.ok(first.length > 0);
  await shot("chat");

  await ask(page, "Count from 1 to 100.");
  const stop = button(page, "Stop");
  await stop.waitFor();
  await page.waitForTimeout(100);
  if (await stop.isVisible()) {
    const clicked = Date.now();
    await stop.click();
    await stop.waitFor({ state: "hidden" });
    console.log(`stopped ${Date.now() - clicked} ms after the click`);
  }

  await page.reload();
  await page.getByText("What is the capital of France?").first().waitFor();
  assert.equal(await answers(page).first().innerText(), first);
  const before = await answers(page).count();
  await ask(page, "Thank you.");
  await until(async () => (await answers(page).count()) > before, "one more answer");
  await answered(page, before);
});

for (const kind of ["simd", "threads"]) {
  journey(`a dropped model answers (${kind})`, async ({ page, open }) => {
    await open(`?engine=${kind}`);
    await box(page).waitFor();
    await drop(page, "tiny-llama.gguf", TINY("llama"));
    const model = page.getByRole("combobox", { name: "Model" });
    await until(async () => (await model.inputValue()) === "file:tiny-llama.gguf", "the dropped model");
    await ask(page, "hello");
    assert.ok((await answered(page, 0)).length > 0);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.engine), kind);
  });
}

journey("a file that is no model gets a sentence", async ({ page, open }) => {
  await open();
  await box(page).waitFor();
  await drop(page, "holiday.gguf", Buffer.from("a picture of the sea, perhaps"));
  await page.getByRole("alert").filter({ hasText: /holiday\.gguf/ }).first().waitFor();
});

/** Ends the worker that answers, as a trap does. */
async function trap(page) {
  const worker = page.workers().find((worker) => worker.url().includes("engine.js"));
  await worker.evaluate(() => {
    setTimeout(() => { throw new WebAssembly.RuntimeError("unreachable"); });
  });
}

journey("an engine that breaks down says so, and one click goes on", { expected: [/unreachable/] },
  async ({ page, open, shot }) => {
    await open();
    await ask(page, "What is 2 plus 3?");
    const first = await answered(page, 0);
    await trap(page);
    await page.getByRole("alert").filter({ hasText: /broke down|restart/i }).first().waitFor();
    await shot("broken-down");
    assert.equal(await answers(page).first().innerText(), first, "the conversation stays");
    await button(page, /restart/i).first().click();
    await ask(page, "What is 4 plus 4?");
    assert.ok((await answered(page, 1)).length > 0);
  });

journey("an empty question is not sent", async ({ page, open }) => {
  await open();
  await box(page).waitFor();
  await box(page).fill("   ");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(300);
  assert.equal(await answers(page).count(), 0);
});

journey("a visitor without a network still gets answers", { server: "plain", expected: [/ERR_INTERNET/] },
  async ({ context, page, open }) => {
    await open();
    await until(() => page.evaluate(async () => {
      const names = await caches.keys();
      const whole = await Promise.all(names.map(async (name) => (await caches.open(name)).match("whole.json")));
      return whole.some(Boolean);
    }).catch(() => false), "the site to be kept", 60_000);
    await context.setOffline(true);
    await page.reload();
    await ask(page, "What is the capital of France?");
    assert.ok((await answered(page, 0)).length > 0);
  });

journey("two tabs answer side by side", async ({ context, page, open }) => {
  await open();
  const other = await context.newPage();
  await other.goto(page.url());
  await Promise.all([page, other].map((tab) => ask(tab, "What is 1 plus 1?")));
  for (const tab of [page, other]) assert.ok((await answered(tab, 0)).length > 0);
});
