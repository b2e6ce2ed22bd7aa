// The site itself, whatever it is for: isolation, use without a network, the policy.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { SERVERS, journey, setting, until } from "./harness.js";
import { answered, ask, button, kept } from "./page.js";

const isolated = (page) => page.evaluate(() => self.crossOriginIsolated).catch(() => false);

journey("a host with headers isolates the page without a reload", async ({ page, open }) => {
  let loads = 0;
  page.on("load", () => (loads += 1));
  await open();
  assert.equal(await isolated(page), true);
  await until(() => kept(page), "the site to be kept");
  assert.equal(loads, 1);
});

journey("a plain host isolates the page after one reload", { server: "plain" }, async ({ page, open }) => {
  let loads = 0;
  page.on("framenavigated", () => (loads += 1));
  await open();
  await until(() => isolated(page), "isolation");
  await until(() => kept(page), "the site to be kept");
  assert.equal(loads, 2);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.oneThread), undefined);
});

journey("without service workers the page runs on one thread and knows why",
  { server: "plain", serviceWorkers: "block" },
  async ({ page, open }) => {
    let loads = 0;
    page.on("framenavigated", () => (loads += 1));
    await open();
    await until(() => page.evaluate(() => document.documentElement.dataset.oneThread), "a reason", 20_000);
    await page.waitForTimeout(1000);
    assert.equal(await isolated(page), false);
    assert.ok(loads <= 2, `${loads} loads`);
    await button(page, "Status").click();
    await page.getByText("one thread, SIMD").waitFor();
    await page.getByText(/allows no service worker|did not start|does not isolate/).waitFor();
    await page.keyboard.press("Escape");
    await ask(page, "What is 2 plus 2?");
    assert.ok((await answered(page, 0)).length > 0);
  });

for (const server of Object.keys(SERVERS)) {
  const expected = [/ERR_INTERNET_DISCONNECTED/];
  journey(`a kept site opens without a network (${server} host)`, { server, expected }, async ({ context, page, open }) => {
    await open();
    await until(() => kept(page), "the site to be kept");
    await context.setOffline(true);
    await page.reload();
    assert.equal(await isolated(page), true);
    const engine = await page.evaluate(async () => (await fetch("engine/simd/worker.js")).status);
    assert.equal(engine, 200);
    const ranged = page.evaluate(() => fetch("start.js", { headers: { Range: "bytes=0-3" } }).then((r) => r.status));
    await assert.rejects(ranged, "a range is never answered from the cache");
  });
}

journey("the policy refuses inline scripts and scripts from elsewhere",
  { expected: [/Content Security Policy/] },
  async ({ page, open }) => {
    await open();
    const ran = await page.evaluate(async () => {
      const script = document.createElement("script");
      script.textContent = "self.inlineRan = true";
      document.head.append(script);
      const blob = URL.createObjectURL(new Blob(["self.blobRan = true"], { type: "text/javascript" }));
      await import(blob).catch(() => {});
      return [self.inlineRan, self.blobRan];
    });
    assert.deepEqual(ran, [undefined, undefined]);
  });

const FOLDER = setting("WICK_CHANGING_FOLDER");

/** Releases a new version of the site in which `file` has another text. */
function release(file, change, { truthful }) {
  const text = change(readFileSync(`${FOLDER}/${file}`, "utf8"));
  writeFileSync(`${FOLDER}/${file}`, text);
  const told = truthful ? createHash("sha256").update(text).digest("hex") : "0".repeat(64);
  const worker = readFileSync(`${FOLDER}/sw.js`, "utf8")
    .replace(/version: "[^"]*"/, `version: "${Date.now()}"`)
    .replace(new RegExp(`"${file}":"[^"]*"`), `"${file}":"${told}"`);
  writeFileSync(`${FOLDER}/sw.js`, worker);
}

const waiting = (page) =>
  page.evaluate(async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting)).catch(() => false);
const named = (name) => (html) => html.replace(/<html( data-release="[^"]*")?/, `<html data-release="${name}"`);
const shownRelease = (page) => page.evaluate(() => document.documentElement.dataset.release).catch(() => "");

journey("a new version waits until it is whole, and comes with the next visit", { server: "changing" },
  async ({ context, page, open }) => {
    await open();
    await until(() => kept(page), "the site to be kept");
    release("index.html", named("second"), { truthful: true });
    await page.reload();
    assert.notEqual(await shownRelease(page), "second", "the old version goes on");
    await until(() => waiting(page), "the new version to wait");

    const other = await context.newPage();
    await other.goto(page.url());
    await other.waitForTimeout(1000);
    assert.notEqual(await shownRelease(other), "second", "not while another tab runs the old one");
    await other.close();

    // The browser may take a moment to forget the tab that was closed.
    await until(async () => {
      await page.reload().catch(() => {}); // interrupted when the page itself reloads for the new version
      await page.waitForTimeout(1000);
      return (await shownRelease(page)) === "second";
    }, "the new version", 60_000);
    assert.equal(await isolated(page), true);
  });

journey("a version that does not arrive as promised is never used",
  { server: "changing", expected: [/another version/] },
  async ({ page, open }) => {
    await open();
    await until(() => kept(page), "the site to be kept");
    const before = await shownRelease(page);
    release("index.html", named("broken"), { truthful: false });
    for (let visit = 0; visit < 2; visit += 1) {
      await page.reload();
      await page.waitForTimeout(1500);
      assert.equal(await shownRelease(page), before);
    }
    assert.equal(await kept(page), true);
  });

journey("a trap of the page's wasm is told where a person sees it", { expected: [/unreachable/] }, async ({ page, open }) => {
  await open();
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.evaluate(() => {
    // (module (func (export "f") unreachable))
    const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11];
    const { f } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports;
    setTimeout(f);
  });
  await page.getByRole("alert").filter({ hasText: "reload it to go on" }).waitFor();
});

journey("links, back and the skip link stay within one load of the site", { server: "changing" }, async ({ page, open }) => {
  await open("models/");
  await until(() => isolated(page), "isolation");
  await page.getByRole("heading", { name: "Models", level: 1 }).waitFor();
  await page.evaluate(() => (self.sameLoad = true));
  const path = () => new URL(page.url()).pathname;
  const skip = page.getByRole("link", { name: "Skip to content" });
  await skip.focus();
  await skip.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  await page.getByRole("link", { name: "Chat", exact: true }).click();
  await page.getByRole("heading", { name: "Chat", level: 1 }).waitFor();
  assert.equal(path(), "/wick/chat/");
  await page.goBack();
  await page.getByRole("heading", { name: "Models", level: 1 }).waitFor();
  assert.equal(path(), "/wick/models/");
  assert.equal(await page.evaluate(() => self.sameLoad), true, "nothing was loaded again");
});
