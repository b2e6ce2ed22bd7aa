// Starts an engine inside this worker: engine.js?kind=simd, or engine.js?kind=threads&threads=4.
// Whatever goes wrong before the engine says Ready is thrown, so that the page hears of it as this
// worker's "error" event. Helpers are further threads of the engine that started them.

const wanted = new URL(self.location.href).searchParams;
const kind = wanted.get("kind") === "threads" ? "threads" : "simd";
const threads = Number(wanted.get("threads")) || 1;
const PAGES_PER_MB = 16;
// What the engine's own data take; memory it is given beyond them before it asks is never used.
const FIRST_MB = 2;

// A rejected promise would stay inside this worker; an error reaches the page.
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  self.reportError(event.reason);
});

/** One message from a worker or from the page. */
const heard = (from) =>
  new Promise((resolve) =>
    from.addEventListener("message", (event) => resolve(event.data), { once: true }));

async function compiled(url) {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(`the engine could not be fetched: status ${reply.status}`);
  // A host that serves wasm under another type still serves it.
  return reply.headers.get("content-type") === "application/wasm"
    ? WebAssembly.compileStreaming(reply)
    : WebAssembly.compile(await reply.arrayBuffer());
}

/** The largest shared memory the device grants; some refuse 4 GB outright. */
function sharedMemory() {
  for (const mb of [4096, 3072, 2048, 1024, 512, 256]) {
    try {
      return new WebAssembly.Memory({
        initial: FIRST_MB * PAGES_PER_MB, maximum: mb * PAGES_PER_MB, shared: true,
      });
    } catch { /* a smaller one may do */ }
  }
  throw new Error("threads: this device grants no shared memory");
}

/** Starts one more thread of this engine and waits until it is ready to work. */
async function helper(module, memory) {
  const worker = new Worker(new URL("engine.js?kind=threads&helper", self.location.href), { type: "module" });
  worker.addEventListener("error", (event) => self.reportError(event.message));
  await heard(worker);
  worker.postMessage({ module, memory });
  await heard(worker);
  return worker;
}

async function startEngine() {
  const engine = await import(`./engine/${kind}/worker.js`);
  const module = await compiled(new URL(`./engine/${kind}/worker_bg.wasm`, self.location.href));
  if (kind === "simd") {
    await engine.default({ module_or_path: module });
    return engine.start(1);
  }
  if (!self.crossOriginIsolated) throw new Error("threads: the page is not isolated");
  const memory = sharedMemory();
  await engine.default({ module_or_path: module, memory });
  // The engine's own thread computes too. Kept in a global: a worker nobody refers to may be collected.
  self.helpers = await Promise.all(Array.from({ length: threads - 1 }, () => helper(module, memory)));
  engine.pool(threads);
  engine.start(threads);
}

async function startHelper() {
  const told = heard(self);
  self.postMessage("listening");
  const { module, memory } = await told;
  const engine = await import("./engine/threads/worker.js");
  await engine.default({ module_or_path: module, memory });
  self.postMessage("ready");
  engine.help();
}

await (wanted.has("helper") ? startHelper() : startEngine());
