// Each measurement of the benchmark: what is run, how often, in which order.

import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { setting, SITE, visit } from "./browser.js";
import { profiled, threadsOf } from "./profile.js";

const VARIANTS = {
  ours: { call: ["ours.js", "run"] },
  wllama: { call: ["wllama.js", "run"] },
  candle: { call: ["candle.js", "run"], threads: [1] },
};

const tokens = (...dims) => ({
  input_ids: { type: "ids", dims }, attention_mask: { type: "ones", dims }, token_type_ids: { type: "zeros", dims },
});
const pixels = (side) => ({ pixel_values: { type: "float32", dims: [1, 3, side, side] } });
const mel = { input_features: { type: "float32", dims: [1, 80, 3000] } };
/** Model, what it is given in words and as lengths, and the peers' inputs; what has none is timed alone. */
const ENCODERS = [
  ["minilm", "1×16", [16], tokens(1, 16)], ["minilm", "1×128", [128], tokens(1, 128)],
  ["minilm", "8×32", Array(8).fill(32), tokens(8, 32)], ["vit", "1 picture", [], pixels(224)], ["whisper", "30 s", [], mel],
  ["detr", "800×800", [800, 800], pixels(800)], ["owlvit", "768×768", [], pixels(768)],
  ["depth", "518×518", [518, 518], pixels(518)], ["slimsam", "1024×1024", [], pixels(1024)],
  ["slimsam", "1 prompt", [1], null],
];
/** Encoder-decoders: model, tokens read, tokens written. */
const WRITERS = [["opus", 32, 32], ["bart", 256, 32]];
const BEAMS = [1, 4];
/** Half a minute at Whisper's rate; ten seconds at CLAP's. */
const SOUND = { type: "float32", dims: [480_000] };
/** Whisper writes one token after the one that answers start from, and so on. */
const listening = { what: "listen", shape: "30 s → 64 tokens", parts: ["bands", "encoder", "decoder"], sound: SOUND, ids: [50258], answerTokens: 64 };
/**
 * Networks of sounds, all the way: what the peer does with each, what it is given in words, and which parts can be
 * told apart. What VITS reads has a blank after each letter; its checkpoint gives three frames to every token.
 */
const SOUNDS = {
  "whisper-tiny": listening, "whisper-base": listening,
  clap: { what: "hear", shape: "10 s", parts: ["bands", "network"], sound: SOUND, ids: [], answerTokens: 0 },
  vits: { what: "say", shape: "121 tokens → 5.8 s", parts: ["text", "flow", "waveform"], sound: null, answerTokens: 0,
    ids: Array.from({ length: 121 }, (_, at) => (at % 2 ? 1 + (at * 7) % 37 : 0)) },
};
/** Between answers in f32: tokens are whole numbers, and no number of a place or a waveform is above 1. */
const NEAR = 1e-4;
const PRECISIONS = { f32: "stored", q8: "q8_0" };
const FILES = { f32: "model.onnx", q8: "model_quantized.onnx" };

const llama = (model) => new URL(`models/llama-${model}.gguf`, SITE).href;
const say = (what) => process.stderr.write(`[bench] ${new Date().toLocaleTimeString("en-GB")} ${what}\n`);

/** Percent of the processors' time that other programs take: half a second, in which we do nothing. */
async function othersPercent() {
  const ticks = () => cpus().reduce(([idle, all], { times }) =>
    [idle + times.idle, all + Object.values(times).reduce((sum, ms) => sum + ms, 0)], [0, 0]);
  const [idle, all] = ticks();
  await after(500);
  const [laterIdle, laterAll] = ticks();
  return Math.round(100 * (1 - (laterIdle - idle) / (laterAll - all)));
}

/**
 * Runs every variant of every case once a round; the order within a case turns from round to round. With
 * a case goes what other programs took of the processors before each of its rounds.
 */
async function interleaved(rounds, cases, run) {
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    for (const one of cases) {
      (one.others ??= []).push(await othersPercent());
      const order = round % 2 ? [...one.order].reverse() : one.order;
      for (const variant of order) (one.variants[variant] ??= []).push(await run(one, variant));
    }
  }
  return cases.map(({ order, variants, ...rest }) =>
    ({ ...rest, variants: Object.fromEntries(order.map((variant) => [variant, variants[variant]])) }));
}

/** Prompt and answer of language models: us and the peers. */
export function decoders(browser, { rounds, threads, models, warm, timed }) {
  const cases = models.flatMap((model) => threads.map((threads) => {
    const order = Object.keys(VARIANTS).filter((name) => VARIANTS[name].threads?.includes(threads) ?? true);
    return { model, threads, order, variants: {} };
  }));
  return interleaved(rounds, cases, ({ model, threads }, variant) =>
    visit(browser, VARIANTS[variant].call, { url: llama(model), threads, warm, timed }));
}

/** What two threads can give on this machine at best: two engines of one thread side by side, beside one alone. */
export async function ceiling(browser, { rounds, models: [model], warm, timed }) {
  const results = [];
  for (let round = 0; round < rounds; round++) {
    say(`two engines at once, round ${round + 1} of ${rounds}`);
    const asked = { url: llama(model), warm, timed };
    const [alone] = (await visit(browser, ["ours.js", "together"], { ...asked, engines: 1 })).runs;
    results.push({ alone, together: (await visit(browser, ["ours.js", "together"], { ...asked, engines: 2 })).runs });
  }
  return { model, rounds: results };
}

/** Encoders: us, onnxruntime-web and, where it has a class for one, Transformers.js on top of it; in f32 and q8. */
export function encoders(browser, { rounds, threads, chosen }) {
  const cases = among(ENCODERS, ([model]) => model, chosen).flatMap(([model, shape, lengths, inputs]) => threads.map((threads) => {
    const peers = inputs ? ["onnxruntime-web", ...(model === "minilm" ? ["Transformers.js"] : [])] : [];
    const engines = ["Wick", ...peers];
    const order = engines.flatMap((engine) => Object.keys(FILES).map((kind) => `${engine} ${kind}`));
    return { model, shape, threads, lengths, inputs, order, variants: {} };
  }));
  return interleaved(rounds, cases, ({ model, threads, lengths, inputs }, variant) => {
    const [engine, kind] = variant.split(" ");
    const folder = new URL(`models/${model}`, SITE).href;
    const common = { threads, runs: 3 };
    switch (engine) {
      case "Wick": return visit(browser, ["ours.js", "encode"], { ...common, folder, lengths, precision: PRECISIONS[kind] });
      case "onnxruntime-web": return visit(browser, ["onnx.js", "run"], { ...common, url: `${folder}/onnx/${FILES[kind]}`, inputs });
      default: return visit(browser, ["transformers.js", "run"], { ...common, what: "encode", model, kind, inputs });
    }
  });
}

/** Encoder-decoders: us, with one answer and with beams, and Transformers.js with as many; in f32 and q8. */
export async function writers(browser, { rounds, threads }) {
  const cases = WRITERS.flatMap(([model, sourceTokens, answerTokens]) => BEAMS.flatMap((beams) => threads.map((threads) => {
    const order = ["Wick", "Transformers.js"].flatMap((engine) => Object.keys(FILES).map((kind) => `${engine} ${kind}`));
    return { model, sourceTokens, answerTokens, beams, threads, order, variants: {} };
  })));
  const answers = new Map();
  return interleaved(rounds, cases, async ({ model, sourceTokens, answerTokens, beams, threads }, variant) => {
    const [engine, kind] = variant.split(" ");
    const { input_ids, attention_mask } = tokens(1, sourceTokens);
    const common = { threads, answerTokens, beams, runs: 1 };
    const { answer, ...told } = await (engine === "Wick"
      ? visit(browser, ["ours.js", "write"],
        { ...common, folder: new URL(`models/${model}`, SITE).href, precision: PRECISIONS[kind], source: input_ids })
      : visit(browser, ["transformers.js", "run"], { ...common, what: "write", model, kind, inputs: { input_ids, attention_mask } }));
    if (answer.length !== answerTokens + 1) throw new Error(`${variant} wrote ${answer.length - 1} tokens with ${model}`);
    // In f32 and without beams all must write the same; else they did not do the same work.
    if (beams === 1 && kind === "f32") {
      const before = answers.get(model) ?? answer;
      if (`${before}` !== `${answer}`) throw new Error(`${variant} wrote ${answer} with ${model}, before it was ${before}`);
      answers.set(model, answer);
    }
    return told;
  });
}

/** Fails where an answer is not the other: whoever did other work cannot be raced. In q8 only as many numbers are asked. */
function alike(what, kind, answer, other) {
  if (answer.length !== other.length) throw new Error(`${what} came to ${answer.length} numbers, before it was ${other.length}`);
  const apart = answer.reduce((most, x, at) => Math.max(most, Math.abs(x - other[at])), 0);
  if (kind === "f32" && !(apart < NEAR)) throw new Error(`${what} is ${apart} from what was answered before`);
}

/** Those whose model was chosen, or all where none was. */
function among(all, modelOf, chosen) {
  const some = all.filter((one) => chosen?.includes(modelOf(one)) ?? true);
  if (!some.length) throw new Error(`no model is called ${chosen}: there are ${[...new Set(all.map(modelOf))].join(", ")}`);
  return some;
}

/** Networks of sounds, from samples or ids to what they come to: us and Transformers.js, in f32 and q8. */
export async function sounds(browser, { rounds, threads, chosen }) {
  const cases = among(Object.entries(SOUNDS), ([model]) => model, chosen).flatMap(([model, { shape, parts }]) => threads.map((threads) => {
    const order = ["Wick", "Transformers.js"].flatMap((engine) => Object.keys(FILES).map((kind) => `${engine} ${kind}`));
    return { model, shape, parts, threads, order, variants: {} };
  }));
  const answers = new Map();
  return interleaved(rounds, cases, async ({ model, threads }, variant) => {
    const [engine, kind] = variant.split(" ");
    const { what, sound, ids, answerTokens } = SOUNDS[model];
    const common = { threads, sound, ids, answerTokens, runs: 1 };
    const { answer, ...told } = await (engine === "Wick"
      ? visit(browser, ["ours.js", "sound"],
        { ...common, folder: new URL(`models/${model}`, SITE).href, precision: PRECISIONS[kind] })
      : visit(browser, ["transformers.js", "run"], { ...common, what, model, kind, inputs: {} }));
    const before = answers.get(model) ?? answer;
    alike(`${model} of ${variant}`, kind, answer, before);
    if (kind === "f32") answers.set(model, before);
    return told;
  });
}

/** Loading from the browser's storage, beside a plain read of the same bytes. */
export async function load(browser, { rounds, models, threads }) {
  const results = [];
  for (const model of models) {
    const times = [];
    for (let round = 0; round < rounds; round++) {
      say(`load ${model}, round ${round + 1} of ${rounds}`);
      times.push(await visit(browser, ["ours.js", "load"], { url: llama(model), threads: Math.max(...threads) }));
    }
    results.push({ model, rounds: times });
  }
  return results;
}

/** What is profiled: in words, and what `ours.js` readies. */
const PROFILED = [
  ["a prompt of 8 × 128 tokens", { what: "prompt", model: "135M-Q8_0", runs: 8 }],
  ["an answer of 96 tokens", { what: "answer", model: "135M-Q8_0", runs: 96 }],
  ["loading", { what: "load", model: "135M-Q8_0" }],
  ["20 pictures", { what: { lengths: [] }, model: "vit", runs: 20 }],
  ["2 pictures", { what: { lengths: [800, 800] }, model: "detr", runs: 2 }],
  ["a picture and 60 prompts", { what: { lengths: [1] }, model: "slimsam", runs: 60 }],
  ["50 texts of 128 tokens", { what: { lengths: [128] }, model: "minilm", runs: 50 }],
  ["2 sounds of 30 s", { what: SOUNDS["whisper-base"], model: "whisper-base", runs: 2 }],
  ["8 sounds of 10 s", { what: SOUNDS.clap, model: "clap", runs: 8 }],
];

/** Where our time goes, thread by thread. Loading is part of each; nothing else runs beside it. */
export async function profile(browser, { threads, chosen }) {
  const results = [];
  for (const [words, asked] of among(PROFILED, ([, { model }]) => model, chosen)) {
    for (const count of threads) {
      say(`profile of ${words}, ${count} threads`);
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        await page.goto(new URL("bench/", SITE).href);
        await page.evaluate(async (asked) => (await import("/bench/ours.js")).ready(asked), { ...asked, threads: count });
        const call = (name) => () => page.evaluate((name) => window[name]().then(() => null), name);
        const found = await profiled(await threadsOf(page), call("nudge"), call("work"));
        results.push({ words, model: asked.model, threads: count, found });
      } finally {
        await context.close();
      }
    }
  }
  return results;
}

/** How speed and memory change as a context fills. */
export async function growth(browser, { growth: { model, threads, contexts, answer } }) {
  say(`growth of ${model} to ${contexts.at(-1)} tokens`);
  const { stages } = await visit(browser, ["ours.js", "grow"], { url: llama(model), threads, contexts, answer });
  return { model, threads, stages };
}

/** The site as a person opens it again: from the reload to the first word of the shipped default's answer. */
export async function warm(browser, { rounds }) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const untilFirstWord = async (go) => {
    const began = performance.now();
    await go();
    const box = page.getByRole("textbox", { name: /message/i });
    await box.fill("What is the capital of France?");
    await box.press("Enter");
    await page.waitForFunction(() => document.querySelector("article.answer .text")?.innerText.trim());
    const ms = performance.now() - began;
    await page.locator('article.answer[aria-busy="false"]').waitFor();
    // The next visit is to ask the same again, not to go on with this conversation.
    await page.evaluate(() => localStorage.clear());
    return ms;
  };
  try {
    const coldMs = await untilFirstWord(() => page.goto(new URL("wick/", SITE).href));
    const warmMs = [];
    for (let round = 0; round < rounds; round++) warmMs.push(await untilFirstWord(() => page.reload()));
    return { coldMs, warmMs };
  } finally {
    await context.close();
  }
}

/** What a visitor downloads of each engine: bytes as they are, and packed by gzip. */
export function sizes() {
  const folder = setting("WICK_BENCH_FOLDER");
  const weigh = (name, path) => {
    const bytes = readFileSync(join(folder, path));
    return { name, bytes: bytes.length, gzipBytes: gzipSync(bytes, { level: 6 }).length };
  };
  const ours = readdirSync(join(folder, "wick/engine")).map((kind) =>
    weigh(`Wick, ${kind}`, `wick/engine/${kind}/worker_bg.wasm`));
  return [
    ...ours, weigh("stock candle", "stock/stock_bg.wasm"), weigh("wllama", "peers/wllama/wasm/wllama.wasm"),
    weigh("onnxruntime-web", "peers/onnx/ort-wasm-simd-threaded.wasm"),
  ];
}
