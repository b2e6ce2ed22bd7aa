import { AutoModel, AutoModelForSeq2SeqLM, env, Tensor } from "/peers/transformers/transformers.min.js";
import { clocked, filled } from "./inputs.js";

self.addEventListener("unhandledrejection", ({ reason }) => self.reportError(reason));

const DTYPES = { f32: "fp32", q8: "q8" };

/** What each kind of network is loaded by, and how it answers. */
const KINDS = {
  encode: { load: AutoModel, run: async (network, feeds) => (await network(feeds)).output.data },
  // This library has no beam search, whatever `num_beams` says. What it can do is follow several answers to
  // one input side by side: the products of as many beams, without choosing between them. All are the same.
  write: {
    load: AutoModelForSeq2SeqLM,
    run: async (network, feeds, { beams, answerTokens }) => {
      const starts = new Tensor("int64", new BigInt64Array(beams), [beams, 1]);
      if (!network.forward_params.includes("decoder_input_ids")) network.forward_params.push("decoder_input_ids");
      const sequences = await network.generate({
        ...feeds, decoder_input_ids: starts, max_new_tokens: answerTokens, do_sample: false, eos_token_id: null,
      });
      if (sequences.dims[0] !== beams) throw new Error(`${sequences.dims[0]} answers for ${beams}`);
      return Array.from(sequences.data.slice(0, sequences.dims[1]), Number);
    },
  },
};

self.onmessage = async ({ data: { what, model, kind, threads, inputs, runs, ...wanted } }) => {
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
  const runMs = await clocked(runs, async () => (answer = await KINDS[what].run(network, feeds, wanted)));
  self.postMessage({ loadMs, runMs, ...(what === "write" && { answer }) });
};
