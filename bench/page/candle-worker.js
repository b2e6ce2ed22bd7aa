import init, { Stock } from "/stock/stock.js";

self.addEventListener("unhandledrejection", ({ reason }) => self.reportError(reason));

self.onmessage = async ({ data: { url, warm, timed } }) => {
  const { memory } = await init();
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const loading = performance.now();
  const stock = new Stock(bytes);
  const loadMs = performance.now() - loading;
  const ask = ({ prompt, answer }, seed) => {
    const reading = performance.now();
    stock.read(prompt, seed);
    const answering = performance.now();
    for (let i = 0; i < answer; i++) stock.step();
    return { promptMs: answering - reading, answerMs: performance.now() - answering };
  };
  ask(warm, 1);
  self.postMessage({
    loadMs, ...ask(timed, 2), promptTokens: timed.prompt, answerTokens: timed.answer,
    memoryBytes: memory.buffer.byteLength,
  });
};
