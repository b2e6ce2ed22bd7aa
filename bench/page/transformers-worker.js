import { AutoModel, AutoModelForSeq2SeqLM, env, Tensor } from "/peers/transformers/transformers.min.js";
import { clocked, filled } from "./inputs.js";

self.addEventListener("unhandledrejection", ({ reason }) => self.reportError(reason));

const DTYPES = { f32: "fp32", q8: "q8" };

/** What each kind of network is loaded by, and how it answers. */
const KINDS = {
  encode: { load: AutoModel, run: async (network, feeds) => (await network(feeds)).output.data },
  // Whatever `num_beams` says, this library follows one answer.
  write: {
    load: AutoModelForSeq2SeqLM,
    run: async (network, feeds, tokens) => Array.from((await network.generate({
      ...feeds, decoder_start_token_id: 0, max_new_tokens: tokens, do_sample: false, eos_token_id: null,
    })).data, Number),
  },
};

self.onmessage = async ({ data: { what, model, kind, threads, inputs, runs, answerTokens } }) => {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = "/models/";
  env.useBrowserCache = false;
  env.backends.onnx.wasm.wasmPaths = new URL("/peers/transformers/", location.href).href;
  env.backends.onnx.wasm.numThreads = threads;
  const loading = performance.now();
  const network = await KINDS[what].load.from_pretrained(model, { dtype: DTYPES[kind], device: "wasm" });
  const loadMs = performance.now() - loading;
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, input]) => {
    const { type, data, dims } = filled(input);
    return [name, new Tensor(type, data, dims)];
  }));
  let answer;
  const runMs = await clocked(runs, async () => (answer = await KINDS[what].run(network, feeds, answerTokens)));
  self.postMessage({ loadMs, runMs, ...(what === "write" && { answer }) });
};
