// What a person can give that is wrong: each gets its sentence, on the page.

import assert from "node:assert/strict";
import { patched, tiny } from "./checkpoint.js";
import { journey, until } from "./harness.js";
import { answers, ask, box, button, answered, drop } from "./page.js";

journey("an empty question is not sent", async ({ page, open }) => {
  await open();
  await box(page).waitFor();
  await box(page).fill("   ");
  assert.ok(await button(page, "Send").isDisabled());
  await page.keyboard.press("Enter");
  await page.waitForTimeout(300);
  assert.equal(await answers(page).count(), 0);
});

const llama = tiny("llama");
const named = (name) => `general.architecture\x08\0\0\0\x05\0\0\0\0\0\0\0${name}`;
/** Type of the first tensor, after its name and two dimensions. */
const typed = (type) => `token_embd.weight\x02\0\0\0 \0\0\0\0\0\0\0\x08\x01\0\0\0\0\0\0${type}\0\0\0`;

const FILES = [
  ["a file that is no model", Buffer.from("a picture of the sea, perhaps"), /wrong\.gguf/],
  ["half a model", llama.subarray(0, llama.length / 2), /wrong\.gguf/],
  ["an architecture nobody knows", patched(llama, named("llama"), named("mamba")), /mamba/],
  ["a quantization nobody knows", patched(llama, typed("\0"), typed("\x10")), /IQ2_XXS/],
];

for (const [what, bytes, sentence] of FILES) {
  journey(`${what} gets a sentence`, async ({ page, open, shot }) => {
    await open();
    await box(page).waitFor();
    await drop(page, "wrong.gguf", bytes);
    await page.getByRole("alert").filter({ hasText: sentence }).first().waitFor();
    await shot(`input-${what.replaceAll(" ", "-")}`);
    await page.getByRole("combobox", { name: "Model" }).selectOption({ index: 0 });
    await ask(page, "What is 2 plus 2?");
    assert.ok((await answered(page, 0)).length > 0, "the shipped model still answers");
  });
}

const opened = async (page, bytes) => {
  await box(page).waitFor();
  await drop(page, "tiny.gguf", bytes);
  const model = page.getByRole("combobox", { name: "Model" });
  await until(async () => (await model.inputValue()) === "file:tiny.gguf", "the dropped model");
  await button(page, "Unload").waitFor();
};

journey("a template that fails gets a sentence", async ({ page, open }) => {
  await open();
  await opened(page, patched(llama, "{{ bos_token }}", "{{ nothing() }}"));
  await ask(page, "hello");
  await page.getByRole("alert").filter({ hasText: /chat template/ }).first().waitFor();
});

journey("a question past the context gets a sentence with the numbers", async ({ page, open }) => {
  await open();
  await opened(page, llama);
  await ask(page, "x".repeat(5000));
  await page.getByRole("alert").filter({ hasText: /5,0\d\d tokens.* 4,096/ }).first().waitFor();
  await button(page, "New conversation").click();
  await ask(page, "hello");
  assert.ok((await answered(page, 0)).length > 0, "it still answers");
});
