// Chromium as the journeys start it, and one visit per measurement.

import { chromium } from "playwright-core";

const ARGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
  // Else the browser answers how much memory a page takes after its next collection, up to 20 s later.
  "--enable-blink-features=ForceEagerMeasureMemory"];

export function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run \`cargo xtask bench\``);
  return value;
}

export const SITE = setting("WICK_BENCH_SITE");

export const launch = () =>
  chromium.launch({ executablePath: setting("WICK_CHROMIUM"), headless: false, args: ARGS });

/**
 * Calls a function of a module of bench/page in a browser context of its own; with the answer comes the
 * memory that the page and its workers hold at the end. Theirs is wasm memory, which never shrinks, so
 * that this is the peak but for what was JavaScript's own. On several threads it is not asked for: a
 * thread that sleeps until there is work answers nobody, and the browser waits a minute for it.
 */
export async function visit(browser, [module, call], parameters) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(new URL("bench/", SITE).href);
    if (!(await page.evaluate(() => crossOriginIsolated))) throw new Error("the page is not isolated");
    const answer = await page.evaluate(
      async ([module, call, parameters]) => (await import(module))[call](parameters),
      [`/bench/${module}`, call, parameters],
    );
    if (parameters.threads > 1) return answer;
    const { bytes } = await page.evaluate(() => performance.measureUserAgentSpecificMemory());
    return { ...answer, pageBytes: bytes };
  } finally {
    await context.close();
  }
}
