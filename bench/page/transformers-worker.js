import {
  AutoFeatureExtractor, AutoModel, AutoModelForSeq2SeqLM, ClapAudioModelWithProjection, env, Tensor, VitsModel,
  WhisperForConditionalGeneration,
} from "/peers/transformers/transformers.min.js";
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
  listen: {
    load: WhisperForConditionalGeneration,
    run: async (network, { input_features }, { ids, answerTokens }) => {
      const sequences = await network.generate({
        inputs: input_features, decoder_input_ids: ids, max_new_tokens: answerTokens, do_sample: false, eos_token_id: null,
      });
      return Array.from(sequences.data, Number);
    },
  },
  hear: {
    load: ClapAudioModelWithProjection,
    run: async (network, { input_features }) => Array.from((await network({ input_features })).audio_embeds.data),
  },
  say: {
    load: VitsModel,
    run: async (network, _, { ids }) => {
      const dims = [1, ids.length];
      const input_ids = new Tensor("int64", BigInt64Array.from(ids, BigInt), dims);
      const attention_mask = new Tensor("int64", new BigInt64Array(ids.length).fill(1n), dims);
      return Array.from((await network({ input_ids, attention_mask })).waveform.data);
    },
  },
};

/** Tells `heard` how long each run of a session takes. */
function watch(session, heard) {
  const run = session.run.bind(session);
  session.run = async (...given) => {
    const began = performance.now();
    const outputs = await run(...given);
    heard(performance.now() - began);
    return outputs;
  };
}

/**
 * The same as `run` for a sound: its bands come first. What each run took goes to `stages`: the bands, the network's
 * first session (what hears), and all else (what writes).
 */
async function hearing(model, network, sound, stages, run) {
  const bands = await AutoFeatureExtractor.from_pretrained(model);
  const { data } = filled(sound);
  let sessionMs = 0;
  watch(network.sessions.model, (ms) => (sessionMs += ms));
  return async (feeds) => {
    const began = performance.now();
    const heard = await bands(data);
    const bandsMs = performance.now() - began;
    sessionMs = 0;
    const answer = await run({ ...feeds, ...heard });
    stages.push([bandsMs, sessionMs, performance.now() - began - bandsMs - sessionMs]);
    return answer;
  };
}

self.onmessage = async ({ data: { what, model, kind, threads, inputs, sound, runs, ...wanted } }) => {
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
  const stages = [];
  const plain = (feeds) => KINDS[what].run(network, feeds, wanted);
  const run = sound ? await hearing(model, network, sound, stages, plain) : plain;
  let answer;
  const runMs = await clocked(runs, async () => (answer = await run(feeds)));
  self.postMessage({ loadMs, runMs, stages: stages.slice(1), ...(what !== "encode" && { answer }) });
};
