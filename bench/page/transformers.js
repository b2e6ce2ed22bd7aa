// Transformers.js: the same files through its own model class.

export function run(parameters) {
  const worker = new Worker("/bench/transformers-worker.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (error) => reject(new Error(`Transformers.js: ${error.message}`));
    worker.postMessage(parameters);
  });
}
