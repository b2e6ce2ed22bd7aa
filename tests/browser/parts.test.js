// Each panel's code is fetched when the panel is opened: once, and from the kept site without a network.

import assert from "node:assert/strict";
import { journey, until } from "./harness.js";
import { kept } from "./page.js";

const links = (page) => page.getByRole("navigation", { name: "Panels" }).getByRole("link");
const heading = (page, name) => page.getByRole("heading", { name, level: 1 });

/** What opens sounds is fetched when the first sample of a panel has come, which may be after the panel was left. */
const WITH_A_SAMPLE = "split_later_sound";

/** Addresses of parts that the page asked for, in order, without their hashes. */
function asked(page) {
  const parts = [];
  page.on("request", (request) => {
    const part = /\/parts\/(.*)-[0-9a-f]{16}\.wasm$/.exec(request.url());
    if (part && part[1] !== WITH_A_SAMPLE) parts.push(part[1]);
  });
  return parts;
}

/** Opens every panel of the navigation; `look` is told the address of each. */
async function eachPanel(page, look) {
  for (const link of await links(page).all()) {
    const name = await link.innerText();
    await link.click();
    await heading(page, name).waitFor({ state: "attached" });
    await look(new URL(page.url()).pathname.split("/").at(-2));
  }
}

journey("a panel's code is fetched when the panel is opened, and once", { serviceWorkers: "block" }, async ({ page, open }) => {
  const parts = asked(page);
  await open();
  await heading(page, "Chat").waitFor({ state: "attached" });
  const own = () => parts.filter((part) => part.startsWith("split_"));
  assert.deepEqual(own(), ["split_chat"]);
  const opened = [];
  await eachPanel(page, (address) => {
    opened.push(`split_${address}`);
    assert.deepEqual(own(), opened);
  });
  assert.ok(opened.length >= 5, `${opened}`);
  assert.deepEqual([...new Set(parts)], parts, "no part is asked for twice");
  const all = parts.length;
  await eachPanel(page, () => {});
  assert.equal(parts.length, all, "what is here is not asked for again");
});

journey("a kept site opens every panel without a network",
  { server: "changing", expected: [/ERR_INTERNET_DISCONNECTED/] },
  async ({ context, page, open }) => {
    await open("models/");
    await until(() => kept(page), "the site to be kept");
    await context.setOffline(true);
    let opened = 0;
    await eachPanel(page, () => (opened += 1));
    assert.ok(opened >= 5, `${opened} panels`);
    await page.reload();
    await eachPanel(page, () => (opened += 1));
  });

journey("a panel whose code does not come says so, and can be asked for again",
  { serviceWorkers: "block", expected: [/Failed to load resource/, /TypeError|CompileError/] },
  async ({ page, open, shot }) => {
    for (const answer of [(route) => route.abort(), (route) => route.fulfill({ status: 404, body: "nothing here" })]) {
      await open();
      await heading(page, "Chat").waitFor({ state: "attached" });
      await page.route("**/parts/*", answer);
      await links(page).filter({ hasText: "Translate" }).click();
      const alert = page.getByRole("alert").filter({ hasText: "Translate could not be fetched" });
      await alert.waitFor();
      await shot("part-lost");
      await page.unroute("**/parts/*");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("textbox").first().waitFor();
      assert.equal(await alert.count(), 0);
    }
  });
