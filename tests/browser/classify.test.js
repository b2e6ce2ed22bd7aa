// Labels of a picture: the panel with a stand-in for the engine.

import assert from "node:assert/strict";
import { journey, until } from "./harness.js";
import { clean, PHONE, press, saved } from "./page.js";
import { give, SCENE, SCENE_PIXELS, seen } from "./picture.js";
import { heard, refused, scripted } from "./scripted.js";
import { classify, Writer } from "./wire.js";

const SCORES = [["a red square", 24.5, 0.881], ["a blue ball", 22.25, 0.093], ["a photo, of a cat", 20.1, 0.026]];
const output = (scores) => new Writer().text("mine").varint(72).varint(77)
  .list(scores, (w, [label, logit, probability]) => w.text(label).f32(logit).f32(probability)).bytes;
const looking = new Writer().varint(1).bytes;
const reading = (done, all) => new Writer().varint(2).varint(done).varint(all).bytes;
const LOADED = [{ end: output([]) }];
const ANSWER = [{ partial: looking }, { partial: reading(1, 3), waitMs: 20 }, { end: output(SCORES), waitMs: 20 }];

const MODEL = "classify/?model=mine";
const OFFLINE = { serviceWorkers: "block", bypassCSP: true };
const scores = (page) => page.getByRole("list", { name: "Labels, the likeliest first" }).getByRole("listitem");
const labels = (page) => page.getByRole("textbox", { name: "Labels", exact: true });
const template = (page) => page.getByRole("textbox", { name: /^Template/ });
const says = (page, words) => page.getByText(words).first().waitFor();

async function withPicture({ context, page, open }, ...asked) {
  await scripted(context, { loaded: LOADED, asked });
  await open(MODEL);
  await says(page, /looks at 72 × 72 pixels/);
  await give(page, SCENE);
  await seen(page, "scene.png");
}

async function match(page) {
  await labels(page).fill("a photo, of a cat\n\n a red square \na blue ball\n");
  await press(page, "Match");
  await until(async () => (await scores(page).count()) === 3, "three labels");
}

journey("a stranger sees which label fits a picture and takes the scores along", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withPicture(all, ANSWER);
  await says(page, "6 labels");
  await shot("classify-ready");
  await match(page);
  const [, question] = await heard(page, 2);
  assert.deepEqual(question, classify("mine", { picture: SCENE_PIXELS, labels: ["a photo, of a cat", "a red square", "a blue ball"] }));
  assert.match(await scores(page).first().innerText(), /a red square\s+88\.1 %\s+logit 24\.50/);
  await shot("classify");
  await clean(page);
  const csv = (await saved(page, "Scores as CSV")).split("\n");
  assert.deepEqual(csv.slice(0, 2), ["label,probability,logit", "a red square,0.881000,24.5000"]);
  assert.match(csv[3], /^"a photo, of a cat",/);
  const json = JSON.parse(await saved(page, "Scores as JSON"));
  assert.deepEqual([json.picture, json.scores.map(({ label }) => label)], ["scene.png", SCORES.map(([label]) => label)]);
  await give(page, { ...SCENE, name: "other.png" });
  await seen(page, "other.png");
  assert.equal(await scores(page).count(), 0, "scores belong to the picture before");
});

journey("the panel opens with a sample of its own model, and others are one press away", OFFLINE, async (all) => {
  const { context, page, open, shot } = all;
  await scripted(context, { loaded: LOADED, asked: [ANSWER] });
  await open("classify/");
  await seen(page, "1.png, 72 × 72");
  const samples = page.getByRole("button", { name: /^Sample \d$/ });
  assert.equal(await samples.count(), 6);
  await press(page, "Sample 3");
  await seen(page, "3.png, 72 × 72");
  assert.match(await labels(page).inputValue(), /^a purple star$/m, "what it shows is among the labels");
  await press(page, "Match");
  await until(async () => (await scores(page).count()) === 3, "three labels");
  await shot("classify-sample");
  await clean(page);
});

journey("a template goes around every label", OFFLINE, async (all) => {
  const { page } = all;
  await withPicture(all, ANSWER);
  await labels(page).fill("cat\ndog");
  await template(page).fill("a photo of a {}");
  await press(page, "Match");
  const [, question] = await heard(page, 2);
  assert.deepEqual(question, classify("mine", { picture: SCENE_PIXELS, labels: ["a photo of a cat", "a photo of a dog"] }));
  await template(page).fill("a photo");
  await press(page, "Match");
  await says(page, "template: write {} where the label goes");
});

for (const [name, options] of [["phone", PHONE], ["dark", { colorScheme: "dark" }]]) {
  journey(`labels are matched on a ${name} screen`, { ...options, ...OFFLINE }, async (all) => {
    const { page, shot } = all;
    await withPicture(all, ANSWER);
    await match(page);
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} px of content in ${window} px`);
    await scores(page).last().scrollIntoViewIfNeeded();
    await shot(`classify-${name}`);
    await clean(page);
  });
}

journey("what cannot be matched is said in words", OFFLINE, async (all) => {
  const { page, open } = all;
  await open("classify/?model=");
  await says(page, /No model that knows pictures and texts is here yet/);
  await press(page, "Match");
  await says(page, "choose a model first");
  await withPicture(all, [{ failure: refused("label 2", "it has 99 tokens: this model reads 77") }],
    [{ failure: refused("labels", "1,001 are too many at once: give at most 1,000") }]);
  await labels(page).fill(" \n");
  await press(page, "Match");
  await says(page, "labels: there are none");
  await labels(page).fill("cat\n\ndog");
  await press(page, "Match");
  await says(page, "Labels, line 3: it has 99 tokens: this model reads 77");
  await press(page, "Match");
  await says(page, "Labels: 1,001 are too many at once");
});
