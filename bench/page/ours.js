// Wick's engine, asked by the task `measure`.

import { download, event, measure, measureEncoder, measureOutput, measureSounds, measureWriter, ping, shelf, start, VERSION } from "./wire.js";
import { filled } from "./inputs.js";

/** An engine of a site. */
export async function engine(threads, site = "wick") {
  const worker = new Worker(`/${site}/engine.js?kind=threads&threads=${threads}`, { type: "module" });
  const waiting = new Map();
  let ready;
  const started = new Promise((resolve, reject) => {
    ready = resolve;
    worker.onerror = (error) => {
      reject(new Error(`the engine ended: ${error.message}`));
      for (const { reject } of waiting.values()) reject(new Error(`the engine ended: ${error.message}`));
    };
  });
  let memoryBytes = 0;
  let count = 0;
  const sendPing = () => worker.postMessage(Uint8Array.from(ping(++count)));
  worker.onmessage = ({ data }) => {
    const said = event(data);
    if (said.kind === "ready") ready(said);
    if (said.kind === "pong") {
      memoryBytes = said.memoryBytes;
      waiting.get(`pong ${said.count}`)?.resolve(memoryBytes);
    }
    if (said.kind === "partial") waiting.get(said.call)?.heard?.(said.body);
    if (said.kind === "end") {
      const call = waiting.get(said.call);
      if (said.failure === undefined) call.resolve(said.body);
      else call.reject(new Error(said.failure));
    }
  };
  const { version } = await started;
  if (version !== VERSION) throw new Error(`wire.js is for version ${VERSION}, the engine speaks ${version}`);
  return {
    worker,
    ask: (task, input, heard) => new Promise((resolve, reject) => {
      waiting.set(++count, { resolve, reject, heard });
      worker.postMessage(Uint8Array.from(start(count, task, input)));
    }),
    memoryBytes: () => new Promise((resolve, reject) => {
      sendPing();
      waiting.set(`pong ${count}`, { resolve, reject });
    }),
  };
}

/** Times the stages on a model that is handed over as a file. */
export async function run({ url, threads, warm, timed }) {
  const file = new File([await (await fetch(url)).blob()], "model.gguf");
  const ours = await engine(threads);
  ours.worker.postMessage({ model: "file:model.gguf", files: [file] });
  const stages = [warm, timed].map(({ prompt, answer }) => [0, prompt, answer]);
  const { loadMs, stages: [, told] } = measureOutput(await ours.ask("measure", measure("file:model.gguf", stages)));
  const answerMs = told.answerMs.reduce((sum, ms) => sum + ms, 0);
  return {
    loadMs, promptMs: told.promptMs, promptTokens: timed.prompt, answerMs, answerTokens: told.answerMs.length,
    memoryBytes: await ours.memoryBytes(),
  };
}

/** The same on several engines of one thread at once, which share nothing but the machine. */
export async function together({ engines, ...asked }) {
  return { runs: await Promise.all(Array.from({ length: engines }, () => run({ threads: 1, ...asked }))) };
}

/** An engine that was handed a checkpoint, and what else it is to read. */
async function handed(folder, threads, { site, more = [] } = {}) {
  const get = async (name) => new File([await (await fetch(`${folder}/${name}`)).blob()], name);
  const ours = await engine(threads, site);
  const names = ["config.json", "model.safetensors", ...more];
  ours.worker.postMessage({ model: "file:handed", files: await Promise.all(names.map(get)) });
  return ours;
}

/** Times an encoder out of `config.json` and `model.safetensors` in `folder`; the first run is left out. */
export async function encode({ folder, threads, precision, lengths, runs }) {
  const ours = await handed(folder, threads);
  const asked = measureEncoder("file:handed", { precision, lengths, runs: runs + 1 });
  const { loadMs, runMs } = measureOutput(await ours.ask("measure", asked));
  return { loadMs, runMs: runMs.slice(1), memoryBytes: await ours.memoryBytes() };
}

/** Times an encoder-decoder on what `source` says; the first run is left out. */
export async function write({ folder, threads, precision, source, answerTokens, beams, runs }) {
  const ours = await handed(folder, threads);
  const ids = Array.from(filled(source).data, Number);
  const asked = measureWriter("file:handed", { precision, source: ids, answerTokens, beams, runs: runs + 1 });
  const told = measureOutput(await ours.ask("measure", asked));
  const runMs = told.runs.map(({ promptMs, answerMs }) => answerMs.reduce((sum, ms) => sum + ms, promptMs));
  return { loadMs: told.loadMs, runMs: runMs.slice(1), answer: told.answer, memoryBytes: await ours.memoryBytes() };
}

/** Times a network of sounds, all the way; the first run is left out. */
export async function sound({ folder, threads, precision, sound, ids, answerTokens, runs }) {
  const ours = await handed(folder, threads, { more: sound ? ["preprocessor_config.json"] : [] });
  const samples = sound ? filled(sound).data : [];
  const asked = measureSounds("file:handed", { precision, samples, ids, answerTokens, runs: runs + 1 });
  const told = measureOutput(await ours.ask("measure", asked));
  const stages = told.runs.slice(1);
  const runMs = stages.map((stages) => stages.reduce((sum, ms) => sum + ms, 0));
  return { loadMs: told.loadMs, runMs, stages, answer: told.answer, memoryBytes: await ours.memoryBytes() };
}

/** One context that grows: a stage ends at each of `contexts` tokens, answer included. */
export async function grow({ url, threads, contexts, answer }) {
  const file = new File([await (await fetch(url)).blob()], "model.gguf");
  const ours = await engine(threads);
  ours.worker.postMessage({ model: "file:model.gguf", files: [file] });
  const reads = contexts.map((tokens) => tokens - answer);
  const stages = reads.map((read, i) => [i ? reads[i - 1] : 0, read - (i ? reads[i - 1] : 0), answer]);
  const memory = [];
  // A partial of kind 1 tells the end of a stage; the engine looks at its mailbox soon after.
  const heard = (body) => { if (body[0] === 1) memory.push(ours.memoryBytes()); };
  const output = measureOutput(await ours.ask("measure", measure("file:model.gguf", stages), heard));
  let promptMs = 0;
  const memoryBytes = await Promise.all(memory);
  return { stages: output.stages.map((stage, i) => ({
    contextTokens: contexts[i], readTokens: reads[i], promptMs: (promptMs += stage.promptMs),
    answerMs: stage.answerMs.reduce((sum, ms) => sum + ms, 0), answerTokens: answer, memoryBytes: memoryBytes[i],
  })) };
}

/** Loads a model out of the browser's storage, and reads the same bytes in order beside it. */
export async function load({ url, threads }) {
  const ours = await engine(threads);
  const [stored] = shelf(await ours.ask("store", download(url)));
  const { model, loadMs } = measureOutput(await ours.ask("measure", measure(stored.model, [[0, 1, 0]])));
  const memoryBytes = await ours.memoryBytes();
  ours.worker.terminate();
  return { loadMs, memoryBytes, weightBytes: model.weightBytes, ...(await readInOrder()) };
}

/**
 * Readies what is to be profiled, in an engine whose functions have names: `work()` and, to wake helpers, `nudge()`,
 * of the window. `what` is "prompt", "answer", "load" (of a language model), an encoder's inputs, or a sound network's.
 */
export async function ready({ what, model, threads, runs }) {
  const isChat = typeof what === "string";
  const more = what.sound ? ["preprocessor_config.json"] : [];
  const ours = isChat ? await engine(threads, "named") : await handed(`/models/${model}`, threads, { site: "named", more });
  const ask = (input) => ours.ask("measure", input);
  if (!isChat) {
    const samples = what.sound ? filled(what.sound).data : [];
    const asked = (runs) => ({ ...what, precision: "q8_0", samples, runs });
    const once = (runs) => ask(what.lengths ? measureEncoder("file:handed", asked(runs)) : measureSounds("file:handed", asked(runs)));
    Object.assign(window, { work: () => once(runs), nudge: () => once(1) });
  } else {
    const [stored] = shelf(await ours.ask("store", download(new URL(`/models/llama-${model}.gguf`, location.href).href)));
    const stages = { prompt: Array(runs).fill([0, 128, 0]), answer: [[0, 16, runs]], load: [[0, 1, 0]] }[what];
    Object.assign(window, { work: () => ask(measure(stored.model, stages)), nudge: () => ask(measure(stored.model, [[0, 16, 4]])) });
  }
  await window.nudge();
}

/** Reads the largest file of the browser's storage from its first byte to its last, 1 MiB at a time. */
function readInOrder() {
  const worker = new Worker("/bench/reader.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (error) => reject(new Error(error.message));
  });
}
