// Where an engine's time goes: Chromium's sampling profiler on every thread, and functions put into kinds.

/** What a function is, by its name in the engine: the first that fits. */
const KINDS = [
  ["attention", /kernels::attend/],
  ["rounding activations", /kernels::rounded/],
  ["products", /TileShare|PanelShare|kernels::(panel|tile|machine)/],
  ["norms, activations, positions", /kernels::(norm|activation|rope|gated)/],
  ["convolutions", /kernels::conv/],
  ["laying weights out", /bridge_producer_consumer|candle_core::quantized|kernels::matrix|weights|roundf/],
  ["candle's sums and copies", /candle_core/],
  ["waiting for work or for each other", /rayon|crossbeam|kernels::threads|futex|Condvar|Mutex/],
  ["tokenizer and header", /tokenizer|ahash|hashbrown|models::gguf|serde/],
  ["reading files", /^(read|readAsArrayBuffer|slice|getSize)$|source|prototypesetcall/],
  ["memory", /mem(cpy|set|move)|alloc/],
  ["JavaScript", /^(?!.*::)/],
];
const OTHER = "other";
/** Microseconds between two samples. */
const EVERY_US = 500;
/** A helper that sleeps in wasm answers nobody until it wakes. */
const PATIENCE_MS = 20_000;

/** Without the hashes that the compiler gives crates. */
const plain = (name) => name.replace(/\[[0-9a-f]+\]/g, "") || "(no name)";
const kindOf = (name) => (KINDS.find(([, pattern]) => pattern.test(name)) ?? [OTHER])[0];

/** Every worker below a page: `{ name, send }`. The protocol nests: a message to a worker's worker goes through it. */
export async function threadsOf(page) {
  const root = await page.context().newCDPSession(page);
  const found = [];
  const waiting = new Map();
  let count = 0;
  const heard = (path, method, params) => {
    if (method === "Target.attachedToTarget") {
      const below = [...path, params.sessionId];
      found.push({ name: params.targetInfo.url.split("/").at(-1), path: below });
    }
    if (method !== "Target.receivedMessageFromTarget") return;
    const message = JSON.parse(params.message);
    if (message.id) waiting.get(message.id)?.(message);
    else heard([...path, params.sessionId], message.method, message.params);
  };
  for (const name of ["Target.attachedToTarget", "Target.receivedMessageFromTarget"]) {
    root.on(name, (params) => heard([], name, params));
  }
  const send = (path, method, params = {}) => new Promise((resolve) => {
    waiting.set(++count, resolve);
    let message = JSON.stringify({ id: count, method, params });
    for (const sessionId of path.slice(1).reverse()) {
      message = JSON.stringify({ id: ++count, method: "Target.sendMessageToTarget", params: { sessionId, message } });
    }
    root.send("Target.sendMessageToTarget", { sessionId: path[0], message });
  });
  const attach = { autoAttach: true, waitForDebuggerOnStart: false, flatten: false };
  await root.send("Target.setAutoAttach", attach);
  const settled = () => new Promise((resolve) => setTimeout(resolve, 500));
  await settled();
  for (const { path } of [...found]) await send(path, "Target.setAutoAttach", attach);
  await settled();
  return found.map(({ name, path }) => ({ name, send: (method, params) => send(path, method, params) }));
}

/** Says the same to every thread while `nudge` keeps the helpers awake; what each answers, or nothing. */
async function all(threads, nudge, method, params) {
  const late = () => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, {}));
  const answers = threads.map(({ send }) => Promise.race([send(method, params), late()]));
  await nudge();
  return Promise.all(answers);
}

/** Percent of a thread's time by kind of work, and its functions that take most of it. */
function told({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, plain(callFrame.functionName)]));
  const [kinds, functions] = [new Map(), new Map()];
  let total = 0;
  samples.forEach((id, at) => {
    const [name, us] = [names.get(id), timeDeltas[at + 1] ?? timeDeltas[at]];
    if (name === "(program)" || name === "(idle)") return;
    total += us;
    functions.set(name, (functions.get(name) ?? 0) + us);
    kinds.set(kindOf(name), (kinds.get(kindOf(name)) ?? 0) + us);
  });
  const shares = (of, most) => [...of].sort((a, b) => b[1] - a[1]).slice(0, most)
    .map(([name, us]) => ({ name, percent: (100 * us) / total }));
  return { ms: total / 1000, kinds: shares(kinds), functions: shares(functions, 12) };
}

/** Profiles `work` on every thread; `nudge` is some short work that wakes the helpers. */
export async function profiled(threads, nudge, work) {
  await all(threads, nudge, "Profiler.enable");
  await all(threads, nudge, "Profiler.setSamplingInterval", { interval: EVERY_US });
  await all(threads, nudge, "Profiler.start");
  await work();
  const stopped = await all(threads, nudge, "Profiler.stop");
  return stopped.filter(({ result }) => result).map(({ result }) => told(result.profile));
}
