// Transcription: the panel with a stand-in for the engine, which gets what files and the microphone really hold.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { journey, until } from "./harness.js";
import { button, clean, drop, lines, PHONE, press, saved, words } from "./page.js";
import { heardOne, refused, release, scripted } from "./scripted.js";
import { transcribeInput, Writer } from "./wire.js";

const LANGUAGES = [["en", "English"], ["de", "German"]];
const CHUNKS = [[0, 1.5, " Turn on the red light."], [1.5, 3.25, " It is half past seven."], [3.25, 4, " Thank you."]];

const language = (writer, [code, name]) => writer.text(code).text(name);
const chunk = (writer, [start, end, text]) => writer.f64(start).f64(end).text(text);
const spoken = (writer, [code, name, sure]) => language(writer, [code, name]).byte(1).f32(sure);
const place = (writer, fromS) => writer.f64(fromS).counted([7, 8]);
const ENGLISH = ["en", "English", 0.98];
const about = () => new Writer().text("wick-listen").list(LANGUAGES, language).byte(1).varint(5000).varint(31);
const said = (chunks, fromS = 5) =>
  place(spoken(about().byte(1).byte(1), ENGLISH).list(chunks, chunk).text(chunks.map(([, , text]) => text).join("")).list([], () => {}), fromS).bytes;
const told = () => spoken(new Writer().varint(1), ENGLISH).bytes;
const listening = (doneS, settled, open, fromS) => {
  const writer = new Writer().varint(2).f64(doneS).f64(5).list(settled, chunk).list(open, chunk);
  return (fromS === undefined ? writer.byte(0) : place(writer.byte(1), fromS)).bytes;
};
const LOADED = [{ end: about().byte(0).bytes }];
const ANSWER = [
  { partial: told() },
  { partial: listening(2, [CHUNKS[0]], [CHUNKS[1]], 1.5), waitMs: 20 },
  { gate: true },
  { end: said(CHUNKS) },
];

const MODEL = "transcribe/?model=mine";
const OFFLINE = { serviceWorkers: "block", bypassCSP: true };
const sound = (name) => readFileSync(join(import.meta.dirname, "../golden/sound", name));
const says = (page, text) => page.getByText(text).first().waitFor();

async function withModel({ context, page, open }, ...asked) {
  await scripted(context, { loaded: LOADED, asked });
  await open(MODEL);
  await says(page, "English and German · listens to 5 s at a time");
  // The panel opens with a sample of the site's own model.
  await says(page, "1.wav ·");
}

async function withSound(all, name, ...asked) {
  await withModel(all, ...asked);
  await drop(all.page, name, sound(name), ".pictures");
  await says(all.page, `${name} ·`);
}

/** Question number `count`, read. */
const question = async (page, count) => transcribeInput(await heardOne(page, count));

journey("a stranger writes a recording down, mends a line, and takes it along", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withSound(all, "tones.mp3", ANSWER);
  await says(page, "tones.mp3 · 0:01.0, 44100 Hz, 2 channels, mixed to one");
  await shot("transcribe-ready");
  await press(page, "Write it down");
  await says(page, "It is half past seven.");
  assert.deepEqual(await words(page), ["Turn on the red light."], "what is settled is a line");
  await says(page, "English is spoken, the model is 98 % sure.");
  await shot("transcribe-listening");
  await release(page);
  await until(async () => (await lines(page).count()) === 3, "three lines");
  const asked = await question(page, 2);
  assert.deepEqual([asked.sound.channels, asked.sound.rateHz, asked.sound.startsS, asked.sound.ends], [1, 44100, 0, true]);
  assert.deepEqual([asked.goal, asked.language, asked.timestamps, asked.form, asked.place], ["transcribe", null, true, "sequential", null]);
  await shot("transcribe");
  await clean(page);
  const text = lines(page).nth(1).getByRole("textbox", { name: "Text" });
  await text.fill("It is half past eight.");
  await text.press("Tab");
  await lines(page).nth(1).getByRole("spinbutton", { name: "Ends, in seconds" }).fill("3");
  await lines(page).nth(1).getByRole("button", { name: "Join" }).click();
  await until(async () => (await lines(page).count()) === 2, "two lines");
  assert.deepEqual(await words(page), ["Turn on the red light.", "It is half past eight. Thank you."]);
  await lines(page).nth(1).getByRole("button", { name: "0:01.5" }).click();
  const at = await page.getByLabel("The recording", { exact: true }).evaluate((player) => player.currentTime);
  assert.ok(at > 0.5, `plays at ${at}`);
  assert.equal(await saved(page, "Plain text"), "Turn on the red light.\nIt is half past eight. Thank you.\n");
  assert.match(await saved(page, "Subtitles (SRT)"), /2\n00:00:01,500 --> 00:00:04,000\nIt is half past eight. Thank you.\n/);
  assert.match(await saved(page, "Subtitles (WebVTT)"), /^WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n/);
  const json = JSON.parse(await saved(page, "Chunks with times (JSON)"));
  assert.deepEqual([json.language, json.chunks[1].timestamp], ["en", [1.5, 4]]);
  await lines(page).first().getByRole("button", { name: "Remove" }).click();
  await until(async () => (await lines(page).count()) === 1, "one line");
});

journey("what is asked for is what the engine is asked", OFFLINE, async (all) => {
  const { page } = all;
  await withSound(all, "16.wav", [{ end: said([]) }]);
  await page.getByLabel("Spoken language").selectOption("de");
  await page.getByRole("combobox", { name: /^Write/ }).selectOption("english");
  await page.getByText("More settings").click();
  await page.getByLabel("Names and words that occur").fill("Wick");
  await page.getByLabel("Listen again, more freely").uncheck();
  await press(page, "Write it down");
  let asked = await question(page, 2);
  assert.deepEqual([asked.language, asked.goal, asked.prompt, asked.form, asked.temperatures], ["de", "translate", "Wick", "sequential", [0]]);
  await says(page, "No speech was heard in this recording.");
  await page.getByLabel("Go through it in windows that overlap").check();
  await press(page, "Write it down");
  asked = await question(page, 3);
  assert.equal(asked.form, "chunks");
});

journey("a recording that was given up is gone on with where it stood", OFFLINE, async (all) => {
  const { page } = all;
  await withSound(all, "tones.ogg", ANSWER, [{ end: said(CHUNKS.slice(1)) }]);
  await press(page, "Write it down");
  await says(page, "It is half past seven.");
  await press(page, "Stop");
  await press(page, "Go on listening");
  await until(async () => (await lines(page).count()) === 3, "three lines");
  const asked = await question(page, 3);
  assert.deepEqual(asked.place, { fromS: 1.5, known: [7, 8] });
  assert.deepEqual(await words(page), CHUNKS.map(([, , text]) => text.trim()));
});

journey("files of every kind are opened, and the browser is asked for what is left", OFFLINE, async (all) => {
  const { page } = all;
  await withModel(all, [{ end: said(CHUNKS) }]);
  let count = 1;
  const kinds = [["16.wav", 16000], ["float.wav", 8000], ["tones.m4a", 44100], ["tones.aac", 44100], ["tones.flac", 16000],
    ["tones.ogg", 44100], ["tones.mkv", 44100], ["tones.webm", 48000]];
  for (const [name, rateHz] of kinds) {
    await drop(page, name, sound(name), ".pictures");
    await says(page, `${name} ·`);
    await press(page, "Write it down");
    const asked = await question(page, (count += 1));
    const { samples } = asked.sound;
    assert.equal(asked.sound.rateHz, rateHz, name);
    assert.ok(Math.abs(samples.length / rateHz - 1) < 0.1, `${name}: ${samples.length}`);
    const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    assert.ok(loudest > 0.3 && loudest < 0.7, `${name}: ${loudest}`);
  }
  await drop(page, "eight.wav", sound("eight.wav"), ".pictures");
  await says(page, "192000 Hz, 8 channels, mixed to one");
});

journey("a sample that comes while the model is loading does not stop that", OFFLINE, async ({ context, page, open }) => {
  await scripted(context, { loaded: [{ gate: true }, ...LOADED], asked: [ANSWER] });
  await open(MODEL);
  await heardOne(page, 1);
  await says(page, "1.wav ·");
  await release(page);
  await says(page, "English and German · listens to 5 s at a time");
});

journey("what cannot be opened or heard is said in words", { ...OFFLINE, expected: [/404/] }, async ({ context, page, open }) => {
  await context.route("**/*.samples/*", (route) => route.fulfill({ status: 404 }));
  await scripted(context, { loaded: LOADED, asked: [[{ end: said([]) }], [{ failure: refused("sound", "sample 3 is not a finite number") }]] });
  await open(MODEL);
  await says(page, "English and German · listens to 5 s at a time");
  await says(page, "cannot be fetched: the site answers 404");
  await press(page, "Write it down");
  await says(page, "there is no recording yet: open or record one first");
  await drop(page, "notes.mp3", Buffer.from("these are no sounds"), ".pictures");
  await says(page, /notes.mp3 .*nor does this browser know it: give a WAV, MP3, M4A, FLAC or OGG file/);
  await drop(page, "empty.wav", Buffer.from(""), ".pictures");
  await says(page, "empty.wav is empty: choose a sound file");
  await drop(page, "cut.mp3", sound("cut.mp3"), ".pictures");
  await says(page, "cut.mp3 ·");
  await press(page, "Write it down");
  await says(page, /cut.mp3: of the 1.0 seconds that it says it has, 0.3 are there. The rest may be cut off./);
  await says(page, "No speech was heard in this recording.");
  await press(page, "Write it down");
  await says(page, "the recording: sample 3 is not a finite number");
});

journey("what is said into a microphone is written down while it is said", OFFLINE, async (all) => {
  const { page, shot } = all;
  await page.addInitScript(() => {
    const deny = () => Promise.reject(new DOMException("", "NotAllowedError"));
    navigator.mediaDevices.getUserMedia = () => (self.allowed ? Promise.resolve(self.allowed()) : deny());
  });
  const first = [[0, 1, " Turn on"]];
  const second = [[0, 1.5, " Turn on the light."]];
  await withModel(all, [{ end: said(first) }], [{ gate: true }, { end: said(second) }], [{ end: said(second) }]);
  await press(page, "Record");
  await says(page, "the microphone was not allowed: allow it beside the page's address, or choose a file instead");
  await page.evaluate(() => {
    self.allowed = () => {
      const context = new AudioContext();
      const [tone, to] = [context.createOscillator(), context.createMediaStreamDestination()];
      tone.connect(to);
      tone.start();
      self.stream = to.stream;
      return to.stream;
    };
  });
  await press(page, "Record");
  await page.getByRole("button", { name: "Stop recording" }).waitFor();
  await says(page, "Turn on");
  await until(async () => (await page.getByLabel("Loudness").evaluate((meter) => meter.value)) > 0.5, "a loud tone");
  await shot("transcribe-recording");
  const asked = await question(page, 2);
  assert.ok(asked.sound.samples.length >= asked.sound.rateHz * 0.9, `${asked.sound.samples.length}`);
  await question(page, 3);
  await release(page);
  // The tone may begin well after the recording, but before this is asked.
  const later = await question(page, 4);
  assert.ok(later.sound.samples.some((sample) => Math.abs(sample) > 0.3), "what the microphone hears");
  await press(page, "Stop recording");
  await says(page, "recording.wav ·");
  await until(async () => (await words(page)).join(" ").includes("Turn on the light."), "the line");
  const ended = () => page.evaluate(() => self.stream.getTracks().every((track) => track.readyState === "ended"));
  assert.ok(await ended(), "the microphone is let go");
  await until(async () => (await page.getByLabel("The recording", { exact: true }).evaluate((player) => player.duration)) > 1, "the recording");
});

journey("a recording is seen, and heard at a wrong rate", OFFLINE, async (all) => {
  const { page, shot } = all;
  await withSound(all, "tones.flac", ANSWER);
  await page.getByText("Spectrogram").click();
  await says(page, "All 1.0 seconds from left to right; pitches from 0 Hz at the bottom to 8000 Hz at the top.");
  const bright = await page.getByRole("img", { name: "Which pitches" }).evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(300, 0, 1, canvas.height);
    const rows = Array.from({ length: canvas.height }, (_, y) => data[4 * y]);
    return rows.map((red, y) => [red, canvas.height - 1 - y]).sort((a, b) => b[0] - a[0]).slice(0, 2).map(([, pitch]) => pitch);
  });
  // 440 and 660 Hz, of 8000 in 256 rows.
  assert.deepEqual(bright.sort((a, b) => a - b), [14, 21]);
  await page.getByText("Why the rate matters").click();
  await says(page, /960,000 numbers.*takes them for 60 seconds/);
  await press(page, "Hear the recording as the model would");
  const pace = () => page.getByLabel("The recording", { exact: true }).evaluate((player) => player.playbackRate);
  assert.ok(Math.abs((await pace()) - 1 / 12) < 1e-6);
  await press(page, "Hear it as it is");
  assert.equal(await pace(), 1);
  await shot("transcribe-seen");
  await clean(page);
});

for (const [how, options] of [["a phone", PHONE], ["a dark", { colorScheme: "dark" }]]) {
  journey(`a recording is written down on ${how} screen`, { ...OFFLINE, ...options }, async (all) => {
    const { page, shot } = all;
    await withSound(all, "tones.mp3", [{ end: said(CHUNKS) }]);
    await press(page, "Write it down");
    await until(async () => (await lines(page).count()) === 3, "three lines");
    await shot(`transcribe-${how.split(" ")[1]}`);
    await clean(page);
    const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(width <= 0, `${width} pixels stick out`);
  });
}
