// What the benchmark says of its measurements, and the task that measures. No peers.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  ceilingWords, decoderTable, decoderWords, encoderTable, encoderWords, median, othersWords, ratio, shown, soundTable,
  soundWords, spread, table, verdict,
} from "../../bench/table.js";
import { engine } from "./engine.js";
import { journey } from "./harness.js";
import { measure, measureOutput, measureSounds } from "./wire.js";

test("the middle of several values", () => {
  for (const [values, want] of [[[3], 3], [[9, 1, 5], 5], [[4, 1, 2, 100], 3]]) assert.equal(median(values), want);
  assert.throws(() => median([]), /no values/);
  assert.equal(shown(spread([10, 12.34, 200])), "12.3 (10.0–200)");
});

test("ratios are of rounds, and a missing round is an error", () => {
  // Both slow down in the second round: the ratio must not.
  assert.deepEqual(ratio([30, 15, 33], [10, 5, 11]), { median: 3, min: 3, max: 3 });
  assert.throws(() => ratio([1, 2], [1]), /missing/);
});

/** A round of 100 tokens of prompt and 10 of answer at these speeds. */
const round = (prompt, decode) => ({
  promptTokens: 100, promptMs: 100_000 / prompt, answerTokens: 10, answerMs: 10_000 / decode, pageBytes: 2e8, loadMs: 5,
});
const rounds = (...speeds) => [round(...speeds), round(...speeds)];

test("what two threads can give is what two engines give at once", () => {
  const at = (...speeds) => ({ alone: round(100, 10), together: [round(...speeds), round(...speeds)] });
  const [words] = ceilingWords({ model: "135M-Q8_0", rounds: [at(50, 5), at(65, 7), at(70, 10)] });
  assert.match(words, /1\.30 \(1\.00–1\.40\)× as fast as one alone, and write 1\.40 \(1\.00–2\.00\)×/);
});

test("goals that are met, goals that are missed and losses are told apart", () => {
  const words = decoderWords([
    { model: "135M-Q8_0", threads: 1, variants: { ours: rounds(100, 30), wllama: rounds(25, 10), candle: rounds(50, 31) } },
    { model: "135M-Q8_0", threads: 2, others: [0, 2], variants: { ours: rounds(150, 50), wllama: rounds(30, 10) } },
    { model: "360M-Q8_0", threads: 2, others: [80, 90], variants: { ours: rounds(150, 50), wllama: rounds(3, 1) } },
  ]);
  const has = (start, ...parts) =>
    assert.ok(words.some((line) => line.startsWith(start) && parts.every((part) => line.includes(part))), words.join("\n"));
  has("MISSED", "prompt of 135M-Q8_0 on 1 thread is 4.00× wllama's", "goal is 5×");
  has("met", "decode of 135M-Q8_0 on 1 thread is 3.00× wllama's", "goal is 3×");
  has("LOST", "decode of 135M-Q8_0 on 1 thread is 0.97× stock candle's");
  has("MISSED", "on 2 threads is 1.50× that on one", "goal is 1.7×");
  has("met", "prompt of 135M-Q8_0 on 2 threads is 5.00× wllama's");
  has("UNSURE", "decode of 360M-Q8_0 on 2 threads is 50.0× wllama's", "other programs");
  assert.equal(words.filter((line) => line.startsWith("LOST")).length, 1);
  assert.equal(verdict(true, "it"), "met: it");
});

test("a table keeps its columns", () => {
  assert.equal(table(["a", "number"], [["long name", "7"]]), "a          number\n---------  ------\nlong name       7");
  const text = decoderTable([
    { model: "135M-Q4_0", threads: 1, variants: { ours: rounds(120, 30), wllama: rounds(20, 10) } },
  ]);
  const [, , ours, theirs] = text.split("\n");
  assert.match(ours, /^135M-Q4_0 +1 +Wick +120 \(120–120\) +30\.0 \(30\.0–30\.0\) +200\.0 /);
  assert.match(theirs, /wllama +20\.0 .* 6\.00 \(6\.00–6\.00\)× .* 3\.00 /);
});

test("an encoder's better precision is set against the peer's better one", () => {
  const took = (ms) => [{ runMs: [ms, ms] }, { runMs: [2 * ms, 2 * ms] }];
  const variants = { "Wick f32": took(10), "Wick q8": took(5), "onnxruntime-web f32": took(9), "onnxruntime-web q8": took(12) };
  const one = { model: "minilm", shape: "1×16", threads: 1, inputs: {}, variants };
  assert.deepEqual(encoderWords([one]),
    ["MISSED: minilm (1×16) on 1 thread: Wick q8 is 1.80× onnxruntime-web f32, the goal is 2×"]);
  assert.deepEqual(encoderWords([{ ...one, model: "detr" }]),
    ["met: detr (1×16) on 1 thread: Wick q8 is 1.80× onnxruntime-web f32, the goal is 1.5×"]);
  const alone = { model: "slimsam", shape: "1 prompt", threads: 1, inputs: null, variants: { "Wick f32": took(90), "Wick q8": took(70) } };
  assert.deepEqual(encoderWords([alone]), ["MISSED: slimsam (1 prompt) on 1 thread: Wick q8 takes 105 ms, the goal is 100 ms"]);
  // Not asked for in these rounds: no number is made up.
  assert.match(encoderTable([one]).split("\n").at(-1), /onnxruntime-web q8 .* 2\.40 \(2\.40–2\.40\)× +-$/);
});

test("a network of sounds is raced as a whole, and its parts are shown where they are known", () => {
  const took = (...stages) => [{ stages: [stages], runMs: [stages.reduce((sum, ms) => sum + ms, 0)], pageBytes: 1e8 }];
  const variants = { "Wick f32": took(20, 100, 80), "Wick q8": took(20, 60, 20), "Transformers.js f32": took(60, 90, 100) };
  const one = { model: "whisper-tiny", shape: "30 s → 64 tokens", parts: ["bands", "encoder", "decoder"], threads: 1, others: [0], variants };
  assert.deepEqual(soundWords([one]),
    ["met: whisper-tiny (30 s → 64 tokens, all the way) on 1 thread: Wick q8 is 2.50× Transformers.js f32, the goal is 2×"]);
  assert.match(soundTable([one]), /Wick q8 +100 \(100–100\) +bands 20\.0 \+ encoder 60\.0 \+ decoder 20\.0 +100\.0\n.*Transformers\.js f32 .* 2\.50 /);
  const whole = [{ stages: [], runMs: [180], pageBytes: 1e8 }];
  const voice = { ...one, model: "vits", shape: "1 text", variants: { "Wick f32": took(20, 100, 80), "Transformers.js f32": whole } };
  assert.deepEqual(soundWords([voice]), [
    "LOST: vits (1 text, all the way) on 1 thread: Wick f32 is 0.90× Transformers.js f32",
    "MISSED: vits (1 text, all the way) on 1 thread: Wick f32 is 0.90× Transformers.js f32, the goal is 1×",
  ]);
  assert.match(soundTable([voice]).split("\n").at(-1), /Transformers\.js f32 +180 \(180–180\) +- +0\.90 /);
});

test("a machine that was not ours alone is said to be so", () => {
  assert.deepEqual(othersWords([{ others: [0, 1, 90] }, { others: [2, 3] }]), []);
  assert.match(othersWords([{ others: [40, 60] }])[0], /^NOTE: other programs took 50\.0 \(40\.0–60\.0\) % /);
});

journey("an engine times a model", async ({ page, open }) => {
  await open();
  const started = await engine(page, "simd");
  const tiny = readFileSync(join(import.meta.dirname, "../golden/decoder/llama/model-q8_0.gguf"));
  const model = await started.drop("tiny.gguf", tiny);
  const { model: about, loadMs, stages } = measureOutput(await started.ask("measure", measure(model, [[0, 70, 3], [5, 9, 2]])));
  assert.deepEqual([about.architecture, about.contextTokens], ["llama", 4096]);
  assert.ok(loadMs > 0 && about.weightBytes > 0);
  assert.deepEqual(stages.map(({ answerMs }) => answerMs.length), [3, 2]);
  assert.ok(stages.every(({ promptMs, answerMs }) => promptMs > 0 && answerMs.every((ms) => ms >= 0)));
  await assert.rejects(started.ask("measure", measure(model, [[1, 1, 1]])), /cannot be kept/);
});

journey("an engine times a network of sounds", async ({ page, open }) => {
  await open();
  const started = await engine(page, "simd");
  const tiny = Object.fromEntries(["config.json", "model.safetensors"].map((name) =>
    [name, readFileSync(join(import.meta.dirname, "../golden/whisper", name))]));
  const model = await started.dropFolder("tiny", tiny);
  const samples = Array.from({ length: 9_600 }, (_, at) => Math.sin(at / 7));
  const asked = measureSounds(model, { precision: "stored", samples, ids: [3], answerTokens: 6, runs: 2 });
  const { loadMs, runs, answer } = measureOutput(await started.ask("measure", asked));
  assert.ok(loadMs > 0);
  assert.deepEqual(runs.map((stages) => stages.length), [3, 3]);
  assert.deepEqual([answer.length, answer[0]], [7, 3]);
});
