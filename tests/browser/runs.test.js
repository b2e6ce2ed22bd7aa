// The log of runs: what was asked about pictures is kept, compared and forgotten.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { journey, until } from "./harness.js";
import { button, clean, PHONE, press } from "./page.js";
import { BOXES, give, SCENE, seen } from "./picture.js";
import { scripted } from "./scripted.js";
import { Writer } from "./wire.js";

const output = (found) => new Writer().text("mine").list(["ball", "car", "square"], (w, label) => w.text(label))
  .varint(16).varint(1_000_000).varint(4_000_000).list(found, (w, [label, score, box]) => box.reduce((w, edge) => w.f32(edge), w.text(label).f32(score))).bytes;
const LOADED = [{ end: output([]) }];
const FIRST = [{ end: output([["car", 0.998, BOXES.car], ["ball", 0.7, BOXES.ball], ["square", 0.001, BOXES.square]]), waitMs: 300 }];
const SECOND = [{ end: output([["square", 0.95, BOXES.square]]), waitMs: 20 }];
const OFFLINE = { serviceWorkers: "block", bypassCSP: true };

const things = (page) => page.getByRole("list", { name: "Things found" });
const runs = (page) => page.getByRole("list", { name: /^Runs/ }).getByRole("listitem");
const says = (page, words) => page.getByText(words).first().waitFor();

/** Asks twice, about a picture of another name each time, and opens the log. */
async function asked({ context, page, open }) {
  await scripted(context, { loaded: LOADED, asked: [FIRST, SECOND] });
  await open("detect/?model=mine");
  await says(page, /3 kinds of things/);
  for (const [name, count] of [["first.png", 1], ["second.png", 1]]) {
    await give(page, { ...SCENE, name });
    await seen(page, name);
    await press(page, "Find things");
    await until(async () => (await things(page).getByRole("listitem").count()) === count, name);
  }
  await look({ page, open }, 2);
}

/** Opens the log; a run is written in its own time. */
const look = ({ page, open }, count) => until(async () => {
  await open("runs/");
  await page.getByText(/of 200 runs|No runs yet/).first().waitFor();
  return (await runs(page).count()) === count;
}, `${count} runs`);

journey("two runs lie side by side, with their frames and what differs", OFFLINE, async (all) => {
  const { page, shot } = all;
  await asked(all);
  assert.match(await runs(page).nth(0).innerText(), /^Find things: second\.png\s+mine · \d+ ms · today/);
  assert.match(await runs(page).nth(1).innerText(), /^Find things: first\.png/);
  await shot("runs");
  await clean(page);
  await button(page, "Left: Find things: first.png").click();
  await button(page, "Right: Find things: second.png").click();
  await until(async () => (await things(page).count()) === 2, "two lists");
  const listed = (at) => things(page).nth(at).innerText();
  await until(async () => /car\s+99 %\s+ball\s+70 %$/.test(await listed(0)), "what the first found, and no more than it was sure of");
  await until(async () => /^\s*square\s+95 %\s*$/.test(await listed(1)), "what the second found");
  const row = (name) => page.getByRole("row", { name: new RegExp(`^${name}`) });
  assert.match(await row("Picture").innerText(), /first\.png, 128 × 96\s+second\.png, 128 × 96/);
  assert.ok(await row("Picture").evaluate((row) => row.classList.contains("differs")));
  assert.ok(!(await row("Model").evaluate((row) => row.classList.contains("differs"))));
  const [, left, right] = (await row("Time").innerText()).match(/(\d+) ms\s+(\d+) ms/).map(Number);
  assert.ok(left >= 300 && right < left, `${left} and ${right} ms`);
  await shot("runs-compared");
  await clean(page);
  const drawn = () => page.locator(".board canvas").first().evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, byte, at) => (sum * 31 + byte * (at % 7)) % 1_000_003, 0);
  });
  const before = await drawn();
  await things(page).nth(0).getByRole("checkbox", { name: "car" }).uncheck();
  await until(async () => (await drawn()) !== before, "the picture without the frame");
  await page.getByRole("slider", { name: "Confidence above" }).fill("80");
  await until(async () => (await things(page).nth(0).getByRole("listitem").count()) === 1, "one thing is that sure");
  assert.equal(await things(page).nth(1).getByRole("listitem").count(), 1);
  await press(page, "Change sides");
  await until(async () => /square/.test(await listed(0)), "the other way round");
});

journey("runs are saved, forgotten one by one and all, and not kept where that is not wanted", OFFLINE, async (all) => {
  const { page, open } = all;
  await asked(all);
  await button(page, "More").click();
  const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Save all as JSON").click()]);
  const saved = JSON.parse(readFileSync(await download.path(), "utf8"));
  assert.deepEqual(saved.runs.map(({ picture, width, found }) => [picture, width, found.map(({ label }) => label)]),
    [["second.png", 128, ["square"]], ["first.png", 128, ["car", "ball"]]]);
  await page.keyboard.press("Escape");
  await button(page, "Forget Find things: first.png").click();
  await until(async () => (await runs(page).count()) === 1, "one run");
  await page.getByRole("checkbox", { name: "Keep runs" }).uncheck();
  await open("detect/?model=mine");
  await says(page, /3 kinds of things/);
  await give(page, SCENE);
  await seen(page, "scene.png");
  await press(page, "Find things");
  await things(page).getByRole("listitem").first().waitFor();
  await open("runs/");
  await runs(page).first().waitFor();
  assert.equal(await runs(page).count(), 1, "nothing was kept");
  assert.ok(!(await page.getByRole("checkbox", { name: "Keep runs" }).isChecked()), "and that is remembered");
  page.once("dialog", (dialog) => dialog.accept());
  await button(page, "More").click();
  await button(page, "Forget all runs").click();
  await says(page, "No runs yet");
});

journey("a browser without a database says so, and answers are given all the same",
  { ...OFFLINE, expected: [/not kept/] }, async (all) => {
    const { page, context, open } = all;
    await context.addInitScript(() => {
      IDBFactory.prototype.open = () => { throw new DOMException("denied", "SecurityError"); };
    });
    await scripted(context, { loaded: LOADED, asked: [FIRST] });
    await open("detect/?model=mine");
    await says(page, /3 kinds of things/);
    await give(page, SCENE);
    await seen(page, "scene.png");
    await press(page, "Find things");
    await until(async () => (await things(page).getByRole("listitem").count()) === 1, "the answer");
    await open("runs/");
    await says(page, /this browser gives no room to keep runs/);
  });

journey("two runs fit a phone", { ...PHONE, ...OFFLINE }, async (all) => {
  const { page, shot } = all;
  await asked(all);
  await button(page, "Left: Find things: first.png").click();
  await button(page, "Right: Find things: second.png").click();
  await until(async () => (await things(page).count()) === 2, "two lists");
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${content} px of content in ${window} px`);
  await shot("runs-phone");
  await clean(page);
});
