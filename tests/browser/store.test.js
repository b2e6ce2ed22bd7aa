// The model store in a real browser: real connections, real storage. The native tests know every lie a
// server can tell; here are those that depend on the browser's own fetch and file system.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { engine } from "./engine.js";
import { journey, until } from "./harness.js";
import { kept } from "./page.js";
import { liar } from "./liar.js";
import { download, list, remove, shelf, verify } from "./wire.js";

/** A file that begins as a GGUF does, so that only what the test is about can be wrong with it. */
const gguf = (bytes) => Buffer.concat([Buffer.from("GGUF\x03\0\0\0", "latin1"), randomBytes(bytes)]);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

const MEGABYTE = 2 ** 20;

/** A journey with a lying server and an engine to ask. */
function meetLiar(name, { plan, kind = "simd", expected = [] }, meet) {
  journey(name, { expected: [/ERR_|status of|CORS/, ...expected] }, async ({ page, open, context }) => {
    const server = await liar(plan);
    try {
      await open();
      const asked = await engine(page, kind);
      await meet({ asked, server, page, open, context });
    } finally {
      server.close();
    }
  });
}

for (const kind of ["simd", "threads"]) {
  const file = gguf(3 * MEGABYTE);
  const plan = (count) => ({ file, etag: '"one"', ...(count === 0 && { cutAfter: MEGABYTE }) });
  meetLiar(`a cut download goes on from the last byte (${kind})`, { plan, kind }, async ({ asked, server }) => {
    const [stored] = shelf(await asked.ask("store", download(`${server.url}/cut.gguf`)));
    assert.equal(stored.files[0].state, "whole");
    assert.equal(stored.files[0].haveBytes, file.length);
    assert.equal(stored.files[0].sha256, sha256(file));
    assert.deepEqual([server.froms.length, server.froms[0]], [2, 0]);
    assert.ok(server.froms[1] > 0 && server.froms[1] <= MEGABYTE, `continued at ${server.froms[1]}`);
  });
}

{
  const file = gguf(2 * MEGABYTE);
  const plan = (count) => ({ file, etag: '"one"', ...(count === 0 && { stallAfter: MEGABYTE }) });
  meetLiar("a download goes on after the page was reloaded", { plan }, async ({ asked, server, page }) => {
    const url = `${server.url}/reloaded.gguf`;
    asked.ask("store", download(url)).catch(() => {}); // its page goes away
    await until(() => server.froms.length === 1, "the first request");
    await page.waitForTimeout(1500);
    await page.reload();
    const again = await engine(page, "simd");
    const [partial] = shelf(await again.ask("store", list()));
    assert.equal(partial.files[0].state, "partial");
    assert.ok(partial.files[0].haveBytes > 0);
    const [stored] = shelf(await again.ask("store", download(url)));
    assert.equal(stored.files[0].sha256, sha256(file));
    assert.equal(server.froms.at(-1), partial.files[0].haveBytes);
  });
}

{
  const plan = () => ({ body: "<!doctype html><title>sign in</title>", type: "text/html" });
  meetLiar("a page of HTML is not stored as a model", { plan }, async ({ asked, server }) => {
    await assert.rejects(asked.ask("store", download(`${server.url}/html.gguf`)), /html\.gguf/);
    const models = shelf(await asked.ask("store", list()));
    assert.ok(models.every((model) => model.files.every((file) => file.state !== "whole")));
  });
}

{
  const [old, fresh] = [gguf(2 * MEGABYTE), gguf(2 * MEGABYTE)];
  const plan = (count) =>
    (count === 0 ? { file: old, etag: '"old"', cutAfter: MEGABYTE } : { file: fresh, etag: '"new"' });
  meetLiar("a file that changes in the middle is fetched anew", { plan }, async ({ asked, server }) => {
    const [stored] = shelf(await asked.ask("store", download(`${server.url}/changed.gguf`)));
    assert.equal(stored.files[0].sha256, sha256(fresh));
  });
}

{
  const file = gguf(2 * MEGABYTE);
  const plan = (count) => ({ file, ignoreRange: true, ...(count === 0 && { cutAfter: MEGABYTE }) });
  meetLiar("a server that ignores ranges still delivers", { plan }, async ({ asked, server }) => {
    const [stored] = shelf(await asked.ask("store", download(`${server.url}/whole.gguf`)));
    assert.equal(stored.files[0].sha256, sha256(file));
    assert.deepEqual(shelf(await asked.ask("store", verify(stored.model)))[0].files[0].state, "whole");
    assert.deepEqual(shelf(await asked.ask("store", remove(stored.model))), []);
  });
}

{
  const file = gguf(4 * MEGABYTE);
  const plan = () => ({ file });
  meetLiar("a second tab waits or is told, and nothing is lost", { plan }, async ({ asked, server, context, page }) => {
    const other = await context.newPage();
    await other.goto(page.url());
    const second = await engine(other, "simd");
    const url = `${server.url}/twice.gguf`;
    const results = await Promise.allSettled([asked, second].map((e) => e.ask("store", download(url))));
    assert.ok(results.some(({ status }) => status === "fulfilled"), JSON.stringify(results));
    for (const { reason } of results) if (reason) assert.match(reason.message, /tab|another|use/);
    const [stored] = shelf(await asked.ask("store", list()));
    assert.equal(stored.files[0].sha256, sha256(file));
  });
}

{
  const file = gguf(4 * MEGABYTE);
  const plan = () => ({ file, etag: '"one"' });
  meetLiar("a storage that is full says so, and the download goes on when there is room", { plan },
    async ({ asked, server, context, page }) => {
      const url = `${server.url}/quota.gguf`;
      const cdp = await context.newCDPSession(page);
      // Else what is still being kept for offline use takes the room that is granted below.
      await until(() => kept(page), "the site to be kept");
      const { origin } = new URL(page.url());
      const { usage } = await page.evaluate(() => navigator.storage.estimate());
      await cdp.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + MEGABYTE });
      await assert.rejects(asked.ask("store", download(url)), /^Error: storage: .*(free|full)/);
      const models = shelf(await asked.ask("store", list()));
      assert.ok(models.every((model) => model.files.every((file) => file.state !== "whole")));
      await cdp.send("Storage.overrideQuotaForOrigin", { origin });
      const [stored] = shelf(await asked.ask("store", download(url)));
      assert.equal(stored.files[0].sha256, sha256(file));
    });
}
