// The Models page: a person keeps, checks and deletes models.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { tiny } from "./checkpoint.js";
import { journey, until } from "./harness.js";
import { liar } from "./liar.js";

const TINY = tiny("llama");
const shelfOf = (page) => page.getByRole("region", { name: "Stored models" });

async function download(page, address) {
  await page.getByLabel("Address of a model file").fill(address);
  await page.getByLabel("Other models").getByRole("button", { name: "Download", exact: true }).click();
}

journey("a download with a cut connection ends whole, and the model is listed, checked, deleted",
  { expected: [/ERR_/] },
  async ({ page, open, shot }) => {
    const server = await liar((count) => ({ file: TINY, etag: '"one"', ...(count === 0 && { cutAfter: 50_000 }) }));
    try {
      await open("models/");
      await download(page, `${server.url}/cut-model.gguf`);
      const shelf = shelfOf(page);
      await shelf.getByText("cut-model").first().waitFor({ timeout: 30_000 });
      await until(() => server.froms.length >= 2, "the second connection");
      assert.ok(server.froms[1] > 0, `continued at ${server.froms[1]}`);
      await shot("models");

      await shelf.getByRole("button", { name: /^Verify/ }).first().click();
      await shelf.getByText(/verified/).first().waitFor();
      await shelf.getByRole("button", { name: "Delete", exact: true }).first().click();
      await shelf.getByRole("button", { name: "Delete it" }).click();
      await until(async () => (await shelf.getByText("cut-model").count()) === 0, "the model to go");
    } finally {
      server.close();
    }
  });

journey("a download is paused and resumed, kept safely, exported, and answers", { expected: [/ERR_/] },
  async ({ page, open }) => {
    const half = TINY.length / 2;
    const server = await liar((count) => ({ file: TINY, etag: '"one"', ...(count === 0 && { stallAfter: half }) }));
    try {
      await page.addInitScript(() => {
        const ask = navigator.storage.persist.bind(navigator.storage);
        navigator.storage.persist = () => {
          self.askedToPersist = true;
          return ask();
        };
      });
      await open("models/");
      await download(page, `${server.url}/paused.gguf`);
      const running = page.getByRole("region", { name: "Downloads" });
      await running.getByText(/58 kB of 116 kB/).waitFor();
      await running.getByRole("button", { name: "Pause" }).click();
      await shelfOf(page).getByText("50 % here").waitFor();
      assert.ok(!(await page.evaluate(() => self.askedToPersist)), "nothing is whole yet");
      await running.getByRole("button", { name: "Resume" }).click();
      await running.getByText("Done.").waitFor();
      assert.equal(server.froms.length, 2);
      assert.ok(server.froms[1] > 0, "no byte is fetched twice");
      await until(() => page.evaluate(() => self.askedToPersist), "the browser to be asked to keep it");

      const saving = page.waitForEvent("download");
      await shelfOf(page).getByRole("button", { name: "Export" }).click();
      assert.deepEqual(readFileSync(await (await saving).path()), TINY);

      await shelfOf(page).getByRole("link", { name: "Chat with it" }).click();
      await page.getByText("tiny seeded llama", { exact: false }).waitFor();
    } finally {
      server.close();
    }
  });

journey("what does not fit is said before the download, with a smaller one to take", async ({ page, open, shot }) => {
  // Room for the smallest model at four bits, but not at eight.
  await page.addInitScript(() => {
    navigator.storage.estimate = async () => ({ usage: 0, quota: 120e6 });
  });
  await open("models/");
  const catalogue = page.getByRole("region", { name: "Catalogue" });
  await catalogue.getByText(/does not fit: it needs .* of storage/).first().waitFor();
  assert.ok(await catalogue.getByRole("button", { name: /^Take .* instead$/ }).first().isVisible());
  await shot("does-not-fit");
});
