import * as ort from "/peers/onnx/ort.wasm.min.mjs";
import { clocked, filled } from "./inputs.js";

self.addEventListener("unhandledrejection", ({ reason }) => self.reportError(reason));

self.onmessage = async ({ data: { url, threads, inputs, runs } }) => {
  ort.env.wasm.wasmPaths = new URL("/peers/onnx/", location.href).href;
  ort.env.wasm.numThreads = threads;
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const loading = performance.now();
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
  const loadMs = performance.now() - loading;
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, input]) => {
    const { type, data, dims } = filled(input);
    return [name, new ort.Tensor(type, data, dims)];
  }));
  self.postMessage({ loadMs, runMs: await clocked(runs, async () => (await session.run(feeds)).output.data) });
};
