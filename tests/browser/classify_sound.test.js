// Labels of sounds: the panel with a stand-in for the engine.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { journey, until } from "./harness.js";
import { clean, drop, PHONE, press, saved } from "./page.js";
import { heardOne, refused, scripted } from "./scripted.js";
import { classifySoundInput, Writer } from "./wire.js";

const about = () => new Writer().text("tiny").varint(48000).varint(10000).varint(512);
const score = (writer, [label, logit, probability]) => writer.text(label).f32(logit).f32(probability);
const said = (scores) => about().list(scores, score).bytes;
const LOADED = [{ end: said([]) }];
const SCORES = [["a bird singing", 9.5, 0.5976], ["a vacuum cleaner", 8.6, 0.241], ["a dog", 7, 0.1614]];
const OFFLINE = { serviceWorkers: "block", bypassCSP: true };
const sound = (name) => readFileSync(join(import.meta.dirname, "../golden/sound", name));
const bars = (page) => page.getByRole("list", { name: "Labels, the likeliest first" }).getByRole("listitem");
const says = (page, text) => page.getByText(text).first().waitFor();

async function withSound({ context, page, open }, ...asked) {
  await scripted(context, { loaded: LOADED, asked });
  await open("classify_sound/?model=mine");
  await says(page, "listens to 10 s at 48000 Hz");
  await drop(page, "tones.ogg", sound("tones.ogg"), ".pictures");
  await says(page, "tones.ogg ·");
}

const question = async (page, count) => classifySoundInput(await heardOne(page, count));

journey("a stranger sees which label fits a sound and takes the scores along", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withSound(all, [{ end: said(SCORES) }]);
  await page.getByRole("textbox", { name: "Labels", exact: true }).fill("a dog\n\na vacuum cleaner\na bird singing");
  await press(page, "Match");
  await until(async () => (await bars(page).count()) === 3, "three labels");
  assert.match(await bars(page).first().innerText(), /a bird singing[\s\S]*59\.8 %/);
  const asked = await question(page, 2);
  assert.deepEqual([asked.labels, asked.template], [["a dog", "a vacuum cleaner", "a bird singing"], "This is a sound of {}."]);
  assert.deepEqual([asked.channels, asked.rateHz], [1, 44100]);
  assert.ok(Math.abs(asked.samples.length / 44100 - 1) < 0.1);
  await shot("classify-sound");
  await clean(page);
  assert.match(await saved(page, "Scores as CSV"), /a bird singing/);
  assert.equal(JSON.parse(await saved(page, "Scores as JSON")).scores.length, 3);
});

journey("what a microphone hears is matched again and again", OFFLINE, async (all) => {
  const { page } = all;
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => {
      const context = new AudioContext();
      const [tone, to] = [context.createOscillator(), context.createMediaStreamDestination()];
      tone.connect(to);
      tone.start();
      return Promise.resolve(to.stream);
    };
  });
  await withSound(all, [{ end: said(SCORES) }]);
  await press(page, "Record");
  const first = await question(page, 2);
  const second = await question(page, 3);
  assert.ok(second.samples.length > first.samples.length);
  assert.equal(await bars(page).count(), 3);
  await press(page, "Stop recording");
  await says(page, "recording.wav ·");
});

journey("what cannot be matched is said in words, and all fits a phone", { ...OFFLINE, ...PHONE }, async (all) => {
  const { page, shot } = all;
  await withSound(all, [{ failure: refused("label 2", "it has 99 tokens: shorten it") }], [{ end: said(SCORES) }]);
  await page.getByRole("textbox", { name: "Labels", exact: true }).fill("a dog\n\na cat");
  await press(page, "Match");
  await says(page, /line 3: it has 99 tokens: shorten it/);
  await page.getByRole("textbox", { name: "Labels", exact: true }).fill(" ");
  await press(page, "Match");
  await says(page, "labels: there are none, write one a line, at least two to compare");
  await page.getByRole("textbox", { name: "Labels", exact: true }).fill("a dog");
  await press(page, "Match");
  await until(async () => (await bars(page).count()) === 3, "three labels");
  await shot("classify-sound-phone");
  const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(width <= 0, `${width} pixels stick out`);
});
