// What every journey needs: a browser, a page that tells its complaints, screenshots.

import { mkdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

/**
 * Addresses of the servers `cargo xtask test` starts: one with isolating headers, one without, and one
 * without whose site lies in a folder, and in a copy that a journey may change.
 */
export const SERVERS = {
  isolated: setting("WICK_ISOLATED"),
  plain: setting("WICK_PLAIN"),
  changing: setting("WICK_CHANGING"),
};

const SHOTS = new URL("./shots/", import.meta.url).pathname;
const ARGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo xtask test\` or \`cargo xtask journeys\``);
  return value;
}

let browser;
after(() => browser?.close());

async function launched() {
  browser ??= await chromium.launch({ executablePath: setting("WICK_CHROMIUM"), headless: false, args: ARGS });
  return browser;
}

/**
 * A test with a browser context of its own: no journey sees another's storage.
 * `meet` is given `{ context, page, open, shot }`; complaints of any page fail the test unless expected.
 */
export function journey(name, options, meet) {
  if (typeof options === "function") [options, meet] = [{}, options];
  const { expected = [], server = "isolated", limitMs = 240_000, ...contextOptions } = options;
  test(name, { timeout: limitMs }, async () => {
    const context = await (await launched()).newContext(contextOptions);
    const complaints = [];
    context.on("weberror", (event) => complaints.push(event.error().message));
    context.on("console", (message) => {
      if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
    });
    context.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol.startsWith("http") && !host.startsWith("127.0.0.1")) complaints.push(`asked ${host}`);
    });
    try {
      const page = await context.newPage();
      const open = (path = "") => page.goto(new URL(path, SERVERS[server]).href);
      await meet({ context, page, open, shot: (what) => shot(page, what) });
      const unexpected = complaints.filter((text) => !expected.some((pattern) => pattern.test(text)));
      assert.deepEqual(unexpected, [], "the pages complained");
    } catch (error) {
      const page = context.pages()[0];
      await shot(page, `failed-${name.replaceAll(/\W+/g, "-")}`).catch(() => {});
      if (complaints.length) console.log(`complaints: ${complaints.join("\n")}`);
      throw error;
    } finally {
      await context.close();
    }
  });
}

async function shot(page, what) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}${what}.png`, fullPage: false });
}

/** Waits until `look` gives something true, and gives it back. */
export async function until(look, what, patienceMs = 30_000, everyMs = 50) {
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`waited ${patienceMs} ms for ${what}`);
}

/**
 * Memory that the browser's processes for pages really hold, shared pages counted by their share. Only the
 * system knows: what a page is told of itself leaves out what wasm holds.
 */
export async function residentBytes(context) {
  const session = await context.browser().newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const pages = processInfo.filter(({ type }) => type === "renderer");
  const kilobytes = pages.map(({ id }) => {
    const rollup = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)[1]);
  });
  return 1024 * kilobytes.reduce((a, b) => a + b, 0);
}
