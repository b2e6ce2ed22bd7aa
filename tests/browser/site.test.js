// The site itself, whatever it is for: isolation, use without a network, the policy.

import assert from "node:assert/strict";
import { SERVERS, journey, until } from "./harness.js";

/** Whether the service worker holds a whole version of the site. */
const kept = (page) =>
  page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("wick-site-"));
    const whole = await Promise.all(names.map(async (name) => (await caches.open(name)).match("whole.json")));
    return whole.some(Boolean);
  }).catch(() => false); // the page may reload in the middle

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
