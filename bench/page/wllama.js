// wllama (llama.cpp), timed by its own counters: `timings` of a completion, as llama.cpp's server gives them.

import { Wllama } from "/peers/wllama/index.js";

/** `count` words that are one token each in the benchmark's made-up vocabulary. */
function words(count, seed) {
  let state = seed;
  const pick = (text) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return text[Math.floor((state / 2 ** 32) * text.length)];
  };
  const syllable = () => pick("bcdfghjklmnpqrstvwxz") + pick("aeiou");
  return Array.from({ length: count }, () => syllable() + syllable()).join(" ");
}

export async function run({ url, threads, warm, timed }) {
  const wllama = new Wllama({ default: new URL("/peers/wllama/wasm/wllama.wasm", location.href).href },
    { suppressNativeLog: true });
  const file = new File([await (await fetch(url)).blob()], "model.gguf");
  const began = performance.now();
  await wllama.loadModel([file], {
    n_gpu_layers: 0, n_threads: threads, n_parallel: 1, warmup: false,
    n_ctx: Math.max(512, warm.prompt + warm.answer, timed.prompt + timed.answer) + 64,
  });
  const loadMs = performance.now() - began;
  // One more than is timed: llama.cpp's clock starts when the first token has been chosen.
  const ask = async ({ prompt, answer }, seed) => {
    const { timings } = await wllama.createCompletion({
      prompt: words(prompt, seed), max_tokens: answer + 1, temperature: 0, top_k: 1, ignore_eos: true,
      cache_prompt: false,
    });
    if (timings.prompt_n !== prompt || timings.predicted_n !== answer + 1) {
      throw new Error(`wllama read ${timings.prompt_n} tokens and chose ${timings.predicted_n}`);
    }
    return timings;
  };
  await ask(warm, 1);
  const timings = await ask(timed, 2);
  if (wllama.getNumThreads() !== threads) throw new Error(`wllama runs ${wllama.getNumThreads()} threads`);
  return {
    loadMs, promptMs: timings.prompt_ms, promptTokens: timed.prompt,
    answerMs: timings.predicted_ms, answerTokens: timed.answer,
  };
}

