// A conversation, from the first visit on.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { tiny } from "./checkpoint.js";
import { journey, until } from "./harness.js";
import { answers, answersPerQuestion, ask, box, button, answered, drop, stopMs } from "./page.js";

journey("a stranger asks, stops, reloads and goes on", async ({ page, open, shot }) => {
  const opened = Date.now();
  await open();
  await ask(page, "What is the capital of France?");
  const first = await answered(page, 0);
  const firstMs = Date.now() - opened;
  console.log(`first answer ${firstMs} ms after opening`);
  assert.ok(firstMs < 10_000, `${firstMs} ms`);
  assert.ok(first.length > 0);
  await shot("chat");

  await answersPerQuestion(page, 8);
  const stopped = stopMs(page, 1);
  await ask(page, "Count from 1 to 100.");
  const stoppedMs = await stopped;
  console.log(`stopped ${stoppedMs.toFixed(0)} ms after the click`);
  assert.ok(stoppedMs <= 100, `${stoppedMs} ms`);
  await page.getByText("Not finished: stopped.").waitFor();

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
    await drop(page, "tiny-llama.gguf", tiny("llama"));
    const model = page.getByRole("combobox", { name: "Model" });
    await until(async () => (await model.inputValue()) === "file:tiny-llama.gguf", "the dropped model");
    await ask(page, "hello");
    assert.ok((await answered(page, 0)).length > 0);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.engine), kind);
  });
}

journey("a question can be asked otherwise, and what was said before stays", async ({ page, open, shot }) => {
  await open();
  await ask(page, "What is 2 plus 3?");
  const first = await answered(page, 0);
  await button(page, "Edit").click();
  await page.getByRole("textbox", { name: "Edit the question" }).fill("What is the capital of Spain?");
  await button(page, "Ask this instead").click();
  await page.getByText("What is the capital of Spain?").waitFor();
  const second = await answered(page, 0);
  assert.notEqual(second, first);
  await button(page, "Regenerate").click();
  await page.getByRole("article", { name: "Answer" }).getByText("2 / 2").waitFor();
  await answered(page, 0);
  await shot("versions");
  await page.getByRole("article", { name: "Question" }).getByRole("button", { name: "Earlier version" }).click();
  await page.getByText("What is 2 plus 3?").waitFor();
  assert.equal(await answers(page).first().innerText(), first);

  await button(page, "Export").click();
  for (const [format, pattern] of [["Markdown", /What is 2 plus 3\?/], ["JSON", /"role": ?"user"/]]) {
    const [saved] = await Promise.all([page.waitForEvent("download"), button(page, format).click()]);
    assert.match(readFileSync(await saved.path(), "utf8"), pattern);
  }
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
