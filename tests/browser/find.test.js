// Things that are looked for by words: the panel with a stand-in for the engine.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { journey, until } from "./harness.js";
import { button, clean, PHONE, press, saved } from "./page.js";
import { BOXES, give, SCENE, SCENE_PIXELS, seen, SIZE } from "./picture.js";
import { heard, refused, scripted } from "./scripted.js";
import { find, Writer } from "./wire.js";

const FOUND = [["a car", 0.42, BOXES.car], ["a blue ball", 0.181, BOXES.ball], ["a car", 0.12, [4, 70, 40, 90]], ["a cat", 0.034, BOXES.square]];
const output = (found) => new Writer().text("mine").varint(768).varint(16).varint(1_000_000).varint(4_000_000)
  .list(found, (w, [label, score, box]) => box.reduce((w, edge) => w.f32(edge), w.text(label).f32(score))).bytes;
const reading = (done, all) => new Writer().varint(1).varint(done).varint(all).bytes;
const looking = new Writer().varint(2).bytes;
const LOADED = [{ end: output([]) }];
const ANSWER = [{ partial: reading(0, 3) }, { partial: looking, waitMs: 20 }, { end: output(FOUND), waitMs: 20 }];

const MODEL = "find/?model=mine";
const OFFLINE = { serviceWorkers: "block", bypassCSP: true };
const things = (page) => page.getByRole("list", { name: "Things found" }).getByRole("listitem");
const labels = (page) => page.getByRole("textbox", { name: "Labels", exact: true });
const confidence = (page) => page.getByRole("slider", { name: "Confidence above" });
const says = (page, words) => page.getByText(words).first().waitFor();

async function withPicture({ context, page, open }, ...asked) {
  await scripted(context, { loaded: LOADED, asked });
  await open(MODEL);
  await says(page, /looks at 768 × 768 pixels/);
  await give(page, SCENE);
  await seen(page, "scene.png");
}

async function look(page, count = 3) {
  await labels(page).fill("a car\n\n a blue ball \na cat\n");
  await press(page, "Find");
  await until(async () => (await things(page).count()) === count, `${count} things`);
}

journey("a stranger finds what they name and takes it along",
  { ...OFFLINE, permissions: ["clipboard-read", "clipboard-write"] }, async (all) => {
    const { page, shot } = all;
    await withPicture(all, ANSWER);
    await says(page, "6 labels");
    await says(page, /asked for “a person without sunglasses”, they find the sunglasses/);
    await shot("find-ready");
    await look(page);
    const [, question] = await heard(page, 2);
    assert.deepEqual(question, find("mine", { picture: SCENE_PIXELS, labels: ["a car", "a blue ball", "a cat"] }));
    await says(page, "In this picture there are two cars and one blue ball.");
    assert.match(await things(page).nth(1).innerText(), /a blue ball\s+18 %/);
    await shot("find");
    await clean(page);
    await button(page, "Copy the sentence").click();
    await says(page, "copied");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "In this picture there are two cars and one blue ball.");
    const coco = JSON.parse(await saved(page, "Frames as COCO JSON"));
    assert.deepEqual(coco.categories.map(({ name }) => name), ["a blue ball", "a car"]);
    const [left, top, right, bottom] = BOXES.car;
    assert.deepEqual(coco.annotations[0].bbox, [left, top, right - left, bottom - top]);
    assert.equal(coco.annotations.length, 3);
    await button(page, "Save").click();
    const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Picture with frames (PNG)").click()]);
    assert.equal(download.suggestedFilename(), "found.png");
    const bytes = readFileSync(await download.path());
    assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], SIZE.map((side) => side * 4));
    await give(page, { ...SCENE, name: "other.png" });
    await seen(page, "other.png");
    assert.equal(await things(page).count(), 0, "what was found belongs to the picture before");
  });

journey("the slider shows what is less sure without asking again", OFFLINE, async (all) => {
  const { page } = all;
  await withPicture(all, ANSWER);
  await look(page);
  assert.equal(await confidence(page).inputValue(), "10", "as the reference");
  await confidence(page).fill("1");
  await until(async () => (await things(page).count()) === 4, "four things");
  await says(page, "In this picture there are two cars, one blue ball and one cat.");
  await confidence(page).fill("50");
  await says(page, "Nothing found above 50 %. The surest is a car with 42 %: lower the confidence to see it.");
  assert.equal((await heard(page, 2)).length, 2, "asked once");
});

journey("nothing found, nothing named and labels that cannot be used are said", OFFLINE, async (all) => {
  const { page } = all;
  await withPicture(all, [{ end: output([]) }], [{ failure: refused("label 2", "it is the same as label 1: leave one of them out") }]);
  await labels(page).fill(" \n");
  await press(page, "Find");
  await says(page, "labels: there are none, write what you look for, one a line");
  await look(page, 0);
  await says(page, "Nothing found above 10 %.");
  await says(page, "In this picture I have found nothing that I know.");
  await labels(page).fill("a car\n\nA car");
  await press(page, "Find");
  await says(page, "Labels, line 3: it is the same as label 1: leave one of them out");
  await clean(page);
});

for (const [name, options] of [["phone", PHONE], ["dark", { colorScheme: "dark" }]]) {
  journey(`things are found by words on a ${name} screen`, { ...options, ...OFFLINE }, async (all) => {
    const { page, shot } = all;
    await withPicture(all, ANSWER);
    await shot(`find-${name}-top`);
    await look(page);
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} px of content in ${window} px`);
    await things(page).last().scrollIntoViewIfNeeded();
    await shot(`find-${name}`);
    await clean(page);
  });
}
