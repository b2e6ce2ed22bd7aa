// The Models page: a person keeps, checks and deletes models.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { journey, until } from "./harness.js";
import { liar } from "./liar.js";

const TINY = readFileSync(join(import.meta.dirname, "../golden/decoder/llama/model-float.gguf"));

journey("a download with a cut connection ends whole, and the model is listed, checked, deleted",
  { expected: [/ERR_/] },
  async ({ page, open, shot }) => {
    const server = await liar((count) => ({ file: TINY, etag: '"one"', ...(count === 0 && { cutAfter: 50_000 }) }));
    try {
      await open("models/");
      await page.getByLabel("Address of a model file").fill(`${server.url}/cut-model.gguf`);
      await page.getByLabel("Other models").getByRole("button", { name: "Download", exact: true }).click();
      const shelf = page.getByRole("region", { name: "Stored models" });
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
