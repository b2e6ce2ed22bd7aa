// Stock candle in a worker of its own, on one thread.

export function run({ url, warm, timed }) {
  const worker = new Worker("/bench/candle-worker.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (error) => reject(new Error(`stock candle: ${error.message}`));
    worker.postMessage({ url, warm, timed });
  });
}
