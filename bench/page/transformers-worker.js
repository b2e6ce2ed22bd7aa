import { AutoModel, env, Tensor } from "/peers/transformers/transformers.min.js";
import { clocked, filled } from "./inputs.js";

self.addEventListener("unhandledrejection", ({ reason }) => self.reportError(reason));

const DTYPES = { f32: "fp32", q8: "q8" };

self.onmessage = async ({ data: { model, kind, threads, inputs, runs } }) => {
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = "/models/";
  env.useBrowserCache = false;
  env.backends.onnx.wasm.wasmPaths = new URL("/peers/transformers/", location.href).href;
  env.backends.onnx.wasm.numThreads = threads;
  const loading = performance.now();
  const network = await AutoModel.from_pretrained(model, { dtype: DTYPES[kind], device: "wasm" });
  const loadMs = performance.now() - loading;
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, input]) => {
    const { type, data, dims } = filled(input);
    return [name, new Tensor(type, data, dims)];
  }));
  self.postMessage({ loadMs, runMs: await clocked(runs, async () => (await network(feeds)).output.data) });
};
