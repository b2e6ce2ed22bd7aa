// onnxruntime-web's own CPU engine, in a worker of its own as a developer would start it.

export function run(parameters) {
  const worker = new Worker("/bench/onnx-worker.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (error) => reject(new Error(`onnxruntime-web: ${error.message}`));
    worker.postMessage(parameters);
  });
}
