// Speech: the panels with a stand-in for the engines.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { journey, until } from "./harness.js";
import { button, clean, PHONE, press, saved } from "./page.js";
import { BOXES, give, SCENE, seen } from "./picture.js";
import { heardOne, refused, release, scripted } from "./scripted.js";
import { detectAnswer, speakInput, Writer } from "./wire.js";

const RATE = 8000;
const about = () => new Writer().text("wick-speak").varint(RATE).byte(1).f32(0.5).f32(0.75);
const end = (leftOut) => ({ end: about().text(leftOut).bytes });
const LOADED = [end("")];
/** A tone of so many seconds. */
const tone = (seconds) => Array.from({ length: seconds * RATE }, (_, at) => 0.5 * Math.sin(at / 5));
const said = (text, read, seconds, done) =>
  ({ partial: new Writer().varint(1).text(text).text(read).list(tone(seconds), (w, x) => w.f32(x)).varint(done).varint(2).bytes });
const ANSWER = [said("Hello!", "həlˈoʊ!", 1, 1), { gate: true }, said("Two cups.", "tˈuː kˈʌps.", 0.5, 2), end("→")];
const OFFLINE = { serviceWorkers: "block", bypassCSP: true };
const TEXT = { name: "Text to say", exact: true };
const sentences = (page) => page.getByRole("list", { name: "Sentences, and how they were read" }).getByRole("listitem");
const says = (page, text) => page.getByText(text).first().waitFor();
const player = (page) => page.getByLabel("The recording", { exact: true });

/** What is played: when each piece begins and how long it is, in seconds. */
const listened = (page) => page.addInitScript(() => {
  self.played = [];
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (when) {
    self.played.push([when, this.buffer.duration, this.buffer.getChannelData(0)[10]]);
    return start.call(this, when);
  };
});

async function withVoice({ context, page, open }, ...asked) {
  await scripted(context, { loaded: LOADED, asked });
  await listened(page);
  await open("speak/?model=mine");
  await says(page, "reads phonemes · 8000 Hz");
}

journey("a stranger hears a text while it is made, and takes it along", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withVoice(all, ANSWER);
  await shot("speak-ready");
  await page.getByRole("textbox", TEXT).fill("Hello! Two → cups.");
  await page.getByRole("slider", { name: "Pace" }).fill("125");
  await press(page, "Speak");
  await until(async () => (await sentences(page).count()) === 1, "the first sentence");
  const first = await page.evaluate(() => self.played);
  assert.equal(first.length, 1, "it is heard before the second is made");
  await release(page);
  await until(async () => (await sentences(page).count()) === 2, "both sentences");
  const played = await page.evaluate(() => self.played);
  assert.ok(Math.abs(played[0][1] - 1.25) < 1e-3 && Math.abs(played[1][1] - 0.75) < 1e-3, `${played}`);
  assert.ok(played[1][0] >= played[0][0] + played[0][1] - 1e-6, "one after the other");
  assert.ok(Math.abs(played[0][2] - 0.5 * Math.sin(2)) < 1e-6, "what the engine said");
  const asked = speakInput(await heardOne(page, 2));
  assert.deepEqual([asked.text, asked.rate, asked.voice, asked.pace, asked.seed], ["Hello! Two → cups.", 1.25, null, null, 0]);
  await says(page, "This model has no sound for these characters and left them out: →");
  await says(page, "tˈuː kˈʌps.");
  await says(page, "speech.wav · 0:02.0, 8000 Hz, one channel");
  await shot("speak");
  await clean(page);
  await press(page, "Hear sentence 2");
  assert.ok((await player(page).evaluate((audio) => audio.currentTime)) >= 1.25);
  assert.match(await saved(page, "Sentences as the model read them"), /^Hello!\thəlˈoʊ!\nTwo cups\.\t/);
  await button(page, "Save").click();
  const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Speech (WAV)").click()]);
  const file = readFileSync(await download.path());
  assert.deepEqual([file.subarray(0, 4).toString(), file.readUInt32LE(24), file.length], ["RIFF", RATE, 44 + 2 * 2 * RATE]);
  assert.ok(Math.abs(file.readInt16LE(44 + 20) / 32767 - 0.5 * Math.sin(2)) < 1e-3);
});

journey("what was said stays when it is stopped, and settings reach the engine", OFFLINE, async (all) => {
  const { page } = all;
  await withVoice(all, [said("Hello!", "həlˈoʊ!", 1, 1), { gate: true }, end("")], [end("")]);
  await press(page, "Speak");
  await until(async () => (await sentences(page).count()) === 1, "the first sentence");
  await press(page, "Stop");
  await says(page, /speech\.wav · 0:01\.[23]/);
  await page.getByText("More settings").click();
  await page.getByLabel("How much the voice varies, from 0").fill("0.25");
  await page.getByLabel("How much the pace varies, from 0").fill("9");
  await page.getByLabel("Seed: the same one says a text in the same way").fill("7");
  await page.getByLabel("Let it be heard while it is made").uncheck();
  const before = await page.evaluate(() => self.played.length);
  await press(page, "Speak");
  const asked = speakInput(await heardOne(page, 3));
  assert.deepEqual([asked.voice, asked.pace, asked.seed], [0.25, 2, 7]);
  assert.equal(await page.evaluate(() => self.played.length), before);
});

journey("what cannot be said is told, and all fits a phone", { ...OFFLINE, ...PHONE }, async (all) => {
  const { page, shot } = all;
  await withVoice(all, [{ failure: refused("text", "it has nothing that this model can say") }], ANSWER.filter((step) => !step.gate));
  await page.getByRole("textbox", TEXT).fill(" ");
  await press(page, "Speak");
  await says(page, "the text is empty: write what to say");
  await page.getByRole("textbox", TEXT).fill("漢");
  await press(page, "Speak");
  await says(page, "the text: it has nothing that this model can say");
  await page.getByRole("textbox", TEXT).fill("Hello! Two cups.");
  await press(page, "Speak");
  await says(page, "speech.wav · 0:02.0");
  await shot("speak-phone");
  const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(width <= 0, `${width} pixels stick out`);
});

journey("a picture is told aloud by one click", OFFLINE, async ({ context, page, open, shot }) => {
  const found = [["cup", 0.99, BOXES.car], ["cup", 0.95, BOXES.ball], ["person", 0.97, BOXES.square]];
  await scripted(context, {
    detect: { loaded: [{ end: detectAnswer(["cup", "person"], []) }], asked: [[{ end: detectAnswer(["cup", "person"], found) }], [{ end: detectAnswer([], []) }]] },
    speak: { loaded: LOADED, asked: [[said("All of it.", "ˈɔːl əv ɪt.", 1, 1), end("")]] },
  });
  await listened(page);
  await open("narrate/?model=mine&voice=other");
  await says(page, /2 kinds of things/);
  await give(page, SCENE);
  await seen(page, "scene.png");
  await press(page, "Narrate");
  await says(page, "In this picture there are two cups and one person.");
  await says(page, /speech\.wav · 0:01\.[23]/);
  assert.equal((await page.evaluate(() => self.played)).length, 1);
  const asked = speakInput(await heardOne(page, 2, "other"));
  assert.equal(asked.text, "In this picture there are two cups and one person.");
  await shot("narrate");
  await clean(page);
  await press(page, "Narrate");
  await says(page, "In this picture I have found nothing that I know.");
});
