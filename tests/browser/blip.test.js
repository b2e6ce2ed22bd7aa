// Captions, answers and matches: the three panels with a stand-in for the engine.

import assert from "node:assert/strict";
import { journey, until } from "./harness.js";
import { clean, PHONE, press } from "./page.js";
import { give, SCENE, SCENE_PIXELS, seen } from "./picture.js";
import { heard, refused, scripted } from "./scripted.js";
import { caption, itm, vqa, Writer } from "./wire.js";

const about = () => new Writer().text("mine").varint(72).varint(40);
const written = (text, tokens, unfinished = 0) => about().byte(1).text(text).varint(tokens).byte(unfinished).bytes;
const fits = (texts) => about().list(texts, (w, [text, probability, cosine]) => w.text(text).f32(probability).f32(cosine)).bytes;
const looking = new Writer().varint(1).bytes;
const reading = (done, all) => new Writer().varint(2).varint(done).varint(all).bytes;
const soFar = (text) => new Writer().varint(3).text(text).bytes;
const NOTHING_YET = about().byte(0).bytes;

const OFFLINE = { serviceWorkers: "block", bypassCSP: true };
const field = (page, name) => page.getByRole("textbox", { name, exact: true });
const says = (page, words) => page.getByText(words).first().waitFor();

async function withPicture({ context, page, open }, panel, ...asked) {
  await scripted(context, { loaded: [{ end: panel === "itm" ? fits([]) : NOTHING_YET }], asked });
  await open(`${panel}/?model=mine`);
  await says(page, /looks at 72 × 72 pixels · reads up to 40 tokens/);
  await give(page, SCENE);
  await seen(page, "scene.png");
}

const CAPTION = [{ partial: looking }, { partial: soFar("a picture of a"), waitMs: 20 }, { partial: soFar("a picture of a cat"), waitMs: 400 },
  { end: written("a picture of a cat", 2), waitMs: 20 }];

journey("a stranger has a picture described, with a beginning of their own", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withPicture(all, "caption", CAPTION, [{ end: written("a red", 1, 1) }]);
  await press(page, "a picture of");
  await press(page, "Describe");
  const told = page.getByRole("region", { name: "Caption" });
  await told.getByText("a picture of a", { exact: true }).waitFor();
  await told.getByText("2 new tokens").waitFor();
  assert.match(await told.innerText(), /^a picture of a cat/);
  const [, question] = await heard(page, 2);
  assert.deepEqual(question, caption("mine", { picture: SCENE_PIXELS, prefix: "a picture of" }));
  await shot("caption");
  await clean(page);
  await field(page, "Beginning (may be empty)").fill("");
  await field(page, "Most new tokens").fill("1");
  await press(page, "Describe");
  await says(page, "1 new token, cut: it is as long as it may be");
  assert.deepEqual((await heard(page, 3))[2], caption("mine", { picture: SCENE_PIXELS, maxNewTokens: 1 }));
  await field(page, "Most new tokens").fill("many");
  await press(page, "Describe");
  await says(page, "write a whole number from 1 to 200");
  await give(page, { ...SCENE, name: "other.png" });
  await seen(page, "other.png");
  assert.equal(await told.count(), 0, "a caption belongs to the picture before");
});

journey("a stranger asks a picture one thing after the other", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withPicture(all, "vqa", [{ partial: looking }, { partial: soFar("two"), waitMs: 20 }, { end: written("two", 1), waitMs: 20 }],
    [{ end: written("car", 1) }], [{ failure: refused("question", "it takes 99 tokens, and this model reads 40: shorten it") }]);
  await press(page, "Ask");
  const answers = page.getByRole("list", { name: "Answers, the last one first" }).getByRole("listitem");
  await until(async () => (await answers.allInnerTexts()).some((text) => text.includes("two")), "an answer");
  const [, question] = await heard(page, 2);
  assert.deepEqual(question, vqa("mine", { picture: SCENE_PIXELS, question: "how many things are there?" }));
  await press(page, "what is red?");
  await field(page, "Question").press("Enter");
  await until(async () => (await answers.count()) === 2, "two answers");
  await until(async () => /what is red\?\s+car/.test(await answers.first().innerText()), "the last one first");
  assert.deepEqual((await heard(page, 3))[2], vqa("mine", { picture: SCENE_PIXELS, question: "what is red?" }));
  await shot("vqa");
  await clean(page);
  await field(page, "Question").fill(" ");
  await press(page, "Ask");
  await says(page, "the question is empty");
  await field(page, "Question").fill("what ".repeat(99));
  await press(page, "Ask");
  await says(page, "Question: it takes 99 tokens, and this model reads 40: shorten it");
  await give(page, { ...SCENE, name: "other.png" });
  await seen(page, "other.png");
  assert.equal(await answers.count(), 0, "answers belong to the picture before");
});

const FITS = [["an image of a man holding a cat", 0.9709, 0.31], ["an image of a cat, holding a man", 0.9864, 0.3]];

journey("a stranger compares texts with the same words in another order", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withPicture(all, "itm", [{ partial: looking }, { partial: reading(1, 2), waitMs: 20 }, { end: fits(FITS), waitMs: 20 }],
    [{ failure: refused("text 2", "it takes 99 tokens, and this model reads 40: shorten it") }]);
  await says(page, "3 texts");
  await field(page, "Texts").fill(FITS.map(([text]) => `${text}\n\n`).join(""));
  await press(page, "Match");
  const scores = page.getByRole("list", { name: "Texts, with how likely each is true" }).getByRole("listitem");
  await until(async () => (await scores.count()) === 2, "two texts");
  assert.match(await scores.first().innerText(), /an image of a man holding a cat\s+97\.1 %\s+cosine 0\.310/);
  await says(page, "“an image of a cat, holding a man” fits best, with 98.6 %. One more is likelier true than not.");
  const [, question] = await heard(page, 2);
  assert.deepEqual(question, itm("mine", { picture: SCENE_PIXELS, texts: FITS.map(([text]) => text) }));
  await shot("itm");
  await clean(page);
  const [download] = await Promise.all([page.waitForEvent("download"), press(page, "Save as CSV")]);
  assert.equal(download.suggestedFilename(), "texts.csv");
  await press(page, "Match");
  await says(page, "Texts, line 3: it takes 99 tokens, and this model reads 40: shorten it");
  await field(page, "Texts").fill(" \n");
  await press(page, "Match");
  await says(page, "texts: there are none, write one a line");
});

for (const panel of ["caption", "vqa", "itm"]) {
  journey(`${panel} opens with a sample of its own model, fits a phone, and says when there is no model`, { ...PHONE, ...OFFLINE }, async (all) => {
    const { context, page, open, shot } = all;
    await scripted(context, { loaded: [{ end: panel === "itm" ? fits([]) : NOTHING_YET }], asked: [] });
    await open(`${panel}/`);
    await seen(page, "1.png, 72 × 72");
    assert.equal(await page.getByRole("button", { name: /^Sample \d$/ }).count(), 6);
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${content} px of content in ${window} px`);
    await shot(`${panel}-phone`);
    await clean(page);
    await open(`${panel}/?model=`);
    await says(page, /No model of this kind is here yet/);
  });
}
